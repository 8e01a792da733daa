{{ config(enabled=is_enabled_source()) }}

with campaigns as (
    select * from {{ latest_versions('base_complete_journey__campaign_descriptions', ['campaign_id']) }} as latest
),

final as (
    select
        {{ source_key('campaign_id') }} as campaign_id,
        '{{ this_source() }}' as source_system,
        'Campaign ' || cast(campaign_id as {{ dbt.type_string() }}) as campaign_name,
        campaign_type,
        start_date,
        end_date
    from campaigns
)

select * from final
