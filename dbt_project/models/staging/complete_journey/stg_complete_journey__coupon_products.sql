{{ config(enabled=is_enabled_source()) }}

with coupons as (
    select *
    from {{ latest_versions(
        'base_complete_journey__coupons', ['coupon_upc', 'product_id', 'campaign_id']
    ) }} as latest
),

final as (
    select
        {{ source_key(['campaign_id', 'coupon_upc', 'product_id']) }} as coupon_product_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('coupon_upc') }} as coupon_id,
        {{ source_key('campaign_id') }} as campaign_id,
        {{ source_key('product_id') }} as product_id
    from coupons
)

select * from final
