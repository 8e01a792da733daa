{#
    When people shop: sales by day of the week and hour of the day, in the shop's own time. What was brought back lowers the
    sales of the hour in which it came back, and is no order.
#}
with orders as (
    select * from {{ ref('fct_orders') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of__resolved') }}
),

final as (
    select
        orders.source_system,
        {{ weekday_number('orders.order_date') }} as weekday_number,
        cast(extract(hour from orders.occurred_at_local) as integer) as hour_of_day,
        cast(sum(case when orders.is_return then 0 else 1 end) as bigint) as order_count,
        cast(sum(orders.sales_amount) as decimal(18, 2)) as sales_amount
    from orders
    cross join as_of
    where orders.order_date < as_of.as_of_date
    group by
        orders.source_system,
        {{ weekday_number('orders.order_date') }},
        cast(extract(hour from orders.occurred_at_local) as integer)
)

select * from final
