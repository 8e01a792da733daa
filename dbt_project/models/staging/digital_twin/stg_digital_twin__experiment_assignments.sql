{{ config(enabled=is_enabled_source()) }}

with cells as (
    select * from {{ latest_versions('base_digital_twin__campaign_cells', ['campaign_code', 'contact_id']) }} as latest
),

campaigns as (
    select * from {{ ref('stg_digital_twin__campaigns') }}
),

final as (
    select
        {{ source_key(['cells.campaign_code', 'cells.contact_id']) }} as experiment_assignment_id,
        '{{ this_source() }}' as source_system,
        -- Each campaign is an experiment: the control group gets nothing.
        {{ source_key('cells.campaign_code') }} as experiment_id,
        'Holdout of ' || campaigns.campaign_name as experiment_name,
        {{ source_key('cells.campaign_code') }} as campaign_id,
        '{{ this_source() }}:crm:' || cells.contact_id as customer_key,
        cells.variant,
        cells.variant = 'control' as is_holdout,
        cells.occurred_at,
        cells.occurred_at as known_at
    from cells
    left join campaigns on {{ source_key('cells.campaign_code') }} = campaigns.campaign_id
)

select * from final
