{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_complete_journey', 'coupon_redemptions') }}
),

known_campaigns as (
    select campaign_id
    from {{ ref('base_complete_journey__campaign_descriptions') }}
    where quarantine_reason is null
),

renamed as (
    select
        ---------- ids
        household_id,
        coupon_upc,
        campaign_id,
        ---------- dates
        cast(redemption_date as date) as redemption_date,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['household_id is null or coupon_upc is null or campaign_id is null', 'key is missing'],
            ['campaign_id not in (select known_campaigns.campaign_id from known_campaigns)', 'campaign is unknown'],
            ['redemption_date is null', 'date is missing'],
            ['redemption_date > cast(loaded_at as date)', 'dated after it was loaded'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
