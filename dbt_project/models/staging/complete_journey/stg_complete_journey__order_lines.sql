{{ config(enabled=is_enabled_source()) }}

with transactions as (
    select * from {{ ref('base_complete_journey__transactions') }}
    where quarantine_reason is null
),

final as (
    select
        ---------- ids
        {{ source_key(['basket_id', 'product_id']) }} as order_line_id,
        {{ source_key('basket_id') }} as order_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('household_id') }} as customer_key,
        {{ source_key('product_id') }} as product_id,
        {{ source_key('store_id') }} as store_id,
        ---------- numerics
        quantity,
        -- What the retailer received. A maker's coupon is paid back to the retailer, so it is part of the sale.
        sales_amount,
        -- What the shelf said, before the loyalty card and the retailer's own match of the coupon.
        cast(sales_amount + retail_discount_amount + coupon_match_discount_amount as decimal(18, 2)) as list_amount,
        cast(
            retail_discount_amount + coupon_discount_amount + coupon_match_discount_amount as decimal(18, 2)
        ) as discount_amount,
        cast(coupon_discount_amount + coupon_match_discount_amount as decimal(18, 2)) as coupon_discount_amount,
        ---------- booleans
        false as is_return,
        ---------- timestamps
        occurred_at,
        -- The extract came years later and does not say when the retailer's warehouse knew a sale: at once, we assume.
        occurred_at as known_at,
        {{ local_from_utc('occurred_at', "'America/New_York'") }} as occurred_at_local,
        loaded_at
    from transactions
)

select * from final
