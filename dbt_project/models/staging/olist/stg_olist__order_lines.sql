{{ config(enabled=is_enabled_source()) }}

with order_items as (
    select * from {{ latest_versions('base_olist__order_items', ['order_id', 'item_number']) }} as latest
),

orders as (
    select * from {{ latest_versions('base_olist__orders', ['order_id']) }} as latest
),

customers as (
    select * from {{ latest_versions('base_olist__customers', ['customer_id']) }} as latest
),

{# The freight of an item is paid with it: a line of its own, of a product that is no merchandise. #}
amounts as (
    select
        order_id,
        item_number,
        '' as key_ending,
        product_id,
        price_amount as sales_amount,
        loaded_at
    from order_items

    union all

    select
        order_id,
        item_number,
        ':freight' as key_ending,
        'freight' as product_id,
        freight_amount as sales_amount,
        loaded_at
    from order_items
    where freight_amount > 0
),

sold as (
    select
        amounts.*,
        customers.person_id,
        orders.is_cancelled,
        orders.occurred_at,
        orders.occurred_at_local,
        -- An order that was never approved, handed over or delivered was taken back at some time after it was placed.
        greatest(orders.occurred_at, orders.approved_at, orders.handed_over_at, orders.delivered_at) as last_step_at,
        orders.estimated_delivery_at,
        -- What comes last completes the line: only then is it new to core.
        greatest(amounts.loaded_at, orders.loaded_at, customers.loaded_at) as known_since
    from amounts
    inner join orders on amounts.order_id = orders.order_id
    left join customers on orders.customer_id = customers.customer_id
),

{#
    A cancelled order was placed, and taken back: an order of its own, as far as the source tells after its last step.
    By the day of the promised delivery the customer has learnt of it.
#}
movements as (
    select
        *,
        '' as order_ending,
        1 as direction,
        false as is_return,
        occurred_at as moved_at,
        occurred_at as moved_known_at,
        occurred_at_local as moved_at_local
    from sold

    union all

    select
        *,
        ':cancelled' as order_ending,
        -1 as direction,
        true as is_return,
        last_step_at as moved_at,
        greatest(last_step_at, estimated_delivery_at) as moved_known_at,
        {{ local_from_utc('last_step_at', "'America/Sao_Paulo'") }} as moved_at_local
    from sold
    where is_cancelled
),

final as (
    select
        ---------- ids
        {{ source_key(['order_id', 'item_number']) }} || key_ending || order_ending as order_line_id,
        {{ source_key('order_id') }} || order_ending as order_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('person_id') }} as customer_key,
        {{ source_key('product_id') }} as product_id,
        '{{ this_source() }}:marketplace' as store_id,
        ---------- numerics
        -- An item is one unit: two of a kind are two items.
        direction as quantity,
        direction * sales_amount as sales_amount,
        -- The source names the price that was paid and no other: discounts on a line are not known.
        direction * sales_amount as list_amount,
        0 as discount_amount,
        0 as coupon_discount_amount,
        ---------- booleans
        is_return,
        ---------- timestamps
        moved_at as occurred_at,
        moved_known_at as known_at,
        moved_at_local as occurred_at_local,
        known_since as loaded_at
    from movements
)

select * from final
