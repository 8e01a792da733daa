{{ config(enabled=is_enabled_source()) }}

with sends as (
    select *
    from {{ latest_versions('base_complete_journey__campaigns', ['campaign_id', 'household_id']) }} as latest
),

campaigns as (
    select
        campaign_id,
        start_date,
        loaded_at
    from {{ latest_versions('base_complete_journey__campaign_descriptions', ['campaign_id']) }} as latest
),

final as (
    select
        {{ source_key(['sends.campaign_id', 'sends.household_id']) }} as campaign_send_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('sends.campaign_id') }} as campaign_id,
        {{ source_key('sends.household_id') }} as customer_key,
        -- The source dates the campaign, not the letter: it is sent when the campaign starts.
        {{ utc_from_local('campaigns.start_date', "'America/New_York'") }} as occurred_at,
        greatest(sends.loaded_at, campaigns.loaded_at) as loaded_at
    from sends
    inner join campaigns on sends.campaign_id = campaigns.campaign_id
)

select * from final
