{{ config(enabled=is_enabled_source()) }}

{# A return is an order of its own with negative amounts. It is the customer's who ordered. #}
with order_lines as (
    select
        *,
        case
            when account_id is not null then 'shop:' || account_id
            when email is not null then 'guest:' || email
        end as customer_no
    from {{ ref('base_digital_twin__shop_order_lines') }}
    where quarantine_reason is null
),

returned_lines as (
    select
        *,
        case
            when account_id is not null then 'shop:' || account_id
            when email is not null then 'guest:' || email
        end as customer_no
    from {{ ref('base_digital_twin__shop_returns') }}
    where quarantine_reason is null
),

lines as (
    select
        {{ source_key(['order_no', 'line_no']) }} as order_line_id,
        {{ source_key('order_no') }} as order_id,
        customer_no,
        sku,
        quantity,
        quantity * unit_price - discount_amount as sales_amount,
        quantity * unit_price as list_amount,
        discount_amount,
        false as is_return,
        occurred_at,
        loaded_at
    from order_lines
    union all
    select
        {{ source_key(['return_no', 'order_no', 'line_no']) }} as order_line_id,
        {{ source_key('return_no') }} as order_id,
        customer_no,
        sku,
        -quantity as quantity,
        -refund_amount as sales_amount,
        -refund_amount as list_amount,
        0 as discount_amount,
        true as is_return,
        occurred_at,
        loaded_at
    from returned_lines
),

final as (
    select
        ---------- ids
        order_line_id,
        order_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('customer_no') }} as customer_key,
        {{ source_key('sku') }} as product_id,
        '{{ this_source() }}:web_shop' as store_id,
        ---------- numerics
        quantity,
        cast(sales_amount as decimal(18, 2)) as sales_amount,
        cast(list_amount as decimal(18, 2)) as list_amount,
        cast(discount_amount as decimal(18, 2)) as discount_amount,
        cast(0 as decimal(18, 2)) as coupon_discount_amount,
        ---------- booleans
        is_return,
        ---------- timestamps
        occurred_at,
        occurred_at as known_at,
        {{ local_from_utc('occurred_at', "'America/New_York'") }} as occurred_at_local,
        loaded_at
    from lines
)

select * from final
