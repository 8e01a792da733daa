{{ config(enabled=is_enabled_source()) }}

with touches as (
    select * from {{ latest_versions('base_digital_twin__ad_touches', ['touch_no']) }} as latest
),

final as (
    select
        {{ source_key('touch_no') }} as ad_touch_id,
        '{{ this_source() }}' as source_system,
        ad_platform,
        {{ source_key('campaign_code') }} as campaign_id,
        ad_group,
        creative,
        touch_type,
        {{ source_key('visitor_id') }} as visitor_key,
        '{{ this_source() }}:shop:' || account_id as customer_key,
        cost_amount,
        occurred_at,
        occurred_at as known_at,
        loaded_at
    from touches
)

select * from final
