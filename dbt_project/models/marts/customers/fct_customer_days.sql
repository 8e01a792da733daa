{# What a customer did on a day on which they ordered or returned. Nothing from "today" on is seen. #}
with orders as (
    select * from {{ ref('fct_orders') }}
),

customer_keys as (
    select * from {{ ref('bdg_home_customer_keys') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of__resolved') }}
),

days as (
    select
        customer_keys.customer_id,
        orders.order_date,
        min(orders.source_system) as source_system,
        cast(sum(case when orders.is_return then 0 else 1 end) as bigint) as order_count,
        cast(sum(case when orders.is_return then 1 else 0 end) as bigint) as return_count,
        cast(count(distinct orders.store_id) as bigint) as store_count,
        cast(sum(orders.line_count) as bigint) as line_count,
        cast(sum(orders.sales_amount) as decimal(18, 2)) as sales_amount,
        cast(sum(orders.list_amount) as decimal(18, 2)) as list_amount,
        cast(sum(orders.discount_amount) as decimal(18, 2)) as discount_amount,
        cast(sum(orders.coupon_discount_amount) as decimal(18, 2)) as coupon_discount_amount
    from orders
    inner join customer_keys on orders.customer_key = customer_keys.customer_key
    cross join as_of
    where orders.order_date < as_of.as_of_date
    group by
        customer_keys.customer_id,
        orders.order_date
),

{# Only days with a purchase count for the rhythm: a return is no visit to the shelf. #}
shopping_days as (
    select
        customer_id,
        order_date,
        row_number() over (partition by customer_id order by order_date) as shopping_day_number,
        lag(order_date) over (partition by customer_id order by order_date) as previous_shopping_date,
        lead(order_date) over (partition by customer_id order by order_date) as next_shopping_date
    from days
    where order_count > 0
),

final as (
    select
        days.customer_id,
        days.order_date,
        days.source_system,
        days.order_count,
        days.return_count,
        days.store_count,
        days.line_count,
        days.sales_amount,
        days.list_amount,
        days.discount_amount,
        days.coupon_discount_amount,
        days.order_count > 0 as is_shopping_day,
        cast(shopping_days.shopping_day_number as bigint) as shopping_day_number,
        shopping_days.previous_shopping_date,
        shopping_days.next_shopping_date,
        cast(
            {{ days_between('shopping_days.previous_shopping_date', 'days.order_date') }} as bigint
        ) as days_since_previous
    from days
    left join shopping_days
        on
            days.customer_id = shopping_days.customer_id
            and days.order_date = shopping_days.order_date
)

select * from final
