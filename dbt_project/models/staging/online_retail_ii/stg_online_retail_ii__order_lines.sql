{{ config(enabled=is_enabled_source()) }}

with invoice_lines as (
    select * from {{ ref('base_online_retail_ii__invoice_lines') }}
    where quarantine_reason is null
),

final as (
    select
        ---------- ids
        {{ source_key(['invoice_id', 'content_hash']) }} as order_line_id,
        {{ source_key('invoice_id') }} as order_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('customer_id') }} as customer_key,
        {{ source_key('stock_code') }} as product_id,
        '{{ this_source() }}:web_shop' as store_id,
        ---------- numerics
        quantity,
        sales_amount,
        -- The source names the price that was paid and no other: discounts on a line are not known.
        sales_amount as list_amount,
        0 as discount_amount,
        0 as coupon_discount_amount,
        ---------- booleans
        is_return,
        ---------- timestamps
        occurred_at,
        -- The extract does not say when the shop's warehouse knew an invoice: at once, we assume.
        occurred_at as known_at,
        occurred_at_local,
        loaded_at
    from invoice_lines
)

select * from final
