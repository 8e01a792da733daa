{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_complete_journey', 'campaigns') }}
),

known_campaigns as (
    select campaign_id
    from {{ ref('base_complete_journey__campaign_descriptions') }}
    where quarantine_reason is null
),

renamed as (
    select
        campaign_id,
        household_id,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['campaign_id is null or household_id is null', 'key is missing'],
            ['campaign_id not in (select known_campaigns.campaign_id from known_campaigns)', 'campaign is unknown'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
