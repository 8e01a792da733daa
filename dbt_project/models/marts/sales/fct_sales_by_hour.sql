{# When people shop: sales by day of the week and hour of the day, in the shop's own time. #}
with orders as (
    select * from {{ ref('fct_orders') }}
    where not is_return
),

as_of as (
    select as_of_date from {{ ref('int_as_of__resolved') }}
),

final as (
    select
        orders.source_system,
        {{ weekday_number('orders.order_date') }} as weekday_number,
        cast(extract(hour from orders.occurred_at_local) as integer) as hour_of_day,
        cast(count(*) as bigint) as order_count,
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
