{{ config(enabled=is_enabled_source()) }}

with redemptions as (
    select *
    from {{ latest_versions(
        'base_complete_journey__coupon_redemptions',
        ['household_id', 'coupon_upc', 'campaign_id', 'redemption_date'],
    ) }} as latest
),

final as (
    select
        {{ source_key(['campaign_id', 'coupon_upc', 'household_id', 'redemption_date']) }} as coupon_redemption_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('coupon_upc') }} as coupon_id,
        {{ source_key('campaign_id') }} as campaign_id,
        {{ source_key('household_id') }} as customer_key,
        redemption_date,
        -- Known to the day only: it counts as known once the day is over.
        {{ utc_from_local(days_after('redemption_date', 1), "'America/New_York'") }} as known_at,
        loaded_at
    from redemptions
)

select * from final
