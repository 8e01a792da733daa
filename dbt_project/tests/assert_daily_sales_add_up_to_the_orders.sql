{# What the daily report shows, over all days, is what the orders before "today" sold: per source, to the cent. #}
with orders as (
    select
        orders.source_system,
        sum(orders.sales_amount) as sales_amount,
        count(*) as order_count
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of__resolved') }} as as_of
    where orders.order_date < as_of.as_of_date
    group by orders.source_system
),

days as (
    select
        source_system,
        sum(sales_amount) as sales_amount,
        sum(order_count + return_count) as order_count
    from {{ ref('fct_sales_daily') }}
    group by source_system
)

select
    orders.source_system,
    orders.sales_amount,
    days.sales_amount as sales_amount_of_days
from orders
full outer join days on orders.source_system = days.source_system
where
    orders.source_system is null
    or days.source_system is null
    or orders.sales_amount <> days.sales_amount
    or orders.order_count <> days.order_count
