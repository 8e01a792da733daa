{# Sales by day, anonymous orders included. A customer is a person, under whichever record they bought. #}
with orders as (
    select
        orders.*,
        coalesce(customer_keys.customer_id, orders.customer_key) as customer_id
    from {{ ref('fct_orders') }} as orders
    left join {{ ref('bdg_customer_keys') }} as customer_keys on orders.customer_key = customer_keys.customer_key
),

as_of as (
    select as_of_date from {{ ref('int_as_of__resolved') }}
),

first_days as (
    select
        source_system,
        customer_id,
        min(order_date) as first_order_date
    from orders
    where not is_return
    group by
        source_system,
        customer_id
),

final as (
    select
        orders.source_system,
        orders.order_date,
        cast(sum(case when orders.is_return then 0 else 1 end) as bigint) as order_count,
        cast(sum(case when orders.is_return then 1 else 0 end) as bigint) as return_count,
        cast(count(distinct orders.customer_id) as bigint) as customer_count,
        cast(
            count(distinct case when first_days.first_order_date = orders.order_date then orders.customer_id end)
            as bigint
        ) as new_customer_count,
        cast(sum(orders.sales_amount) as decimal(18, 2)) as sales_amount,
        cast(sum(orders.discount_amount) as decimal(18, 2)) as discount_amount,
        cast(
            sum(case when orders.customer_key is null then orders.sales_amount else 0 end) as decimal(18, 2)
        ) as anonymous_sales_amount
    from orders
    cross join as_of
    left join first_days
        on
            orders.source_system = first_days.source_system
            and orders.customer_id = first_days.customer_id
    where orders.order_date < as_of.as_of_date
    group by
        orders.source_system,
        orders.order_date
)

select * from final
