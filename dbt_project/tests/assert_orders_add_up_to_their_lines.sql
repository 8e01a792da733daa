{#
    An order is the sum of its lines, for every measure and every order: both tables are built in increments, and a
    line that came late or was corrected must have reached its order.
#}
with lines as (
    select
        order_id,
        count(*) as line_count,
        sum(sales_amount) as sales_amount,
        sum(list_amount) as list_amount,
        sum(discount_amount) as discount_amount,
        sum(coupon_discount_amount) as coupon_discount_amount,
        max(loaded_at) as loaded_at
    from {{ ref('fct_order_lines') }}
    group by order_id
),

orders as (
    select * from {{ ref('fct_orders') }}
)

select
    lines.order_id as order_id_of_lines,
    orders.order_id,
    lines.sales_amount as sales_amount_of_lines,
    orders.sales_amount
from lines
full outer join orders on lines.order_id = orders.order_id
where
    lines.order_id is null
    or orders.order_id is null
    or lines.line_count <> orders.line_count
    or lines.sales_amount <> orders.sales_amount
    or lines.list_amount <> orders.list_amount
    or lines.discount_amount <> orders.discount_amount
    or lines.coupon_discount_amount <> orders.coupon_discount_amount
    or lines.loaded_at <> orders.loaded_at
