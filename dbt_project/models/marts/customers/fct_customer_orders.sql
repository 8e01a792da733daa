{{ config(materialized='view') }}

{# Orders as the customer's: the resolved id, and the local time that people shop by. #}
with orders as (
    select * from {{ ref('fct_orders') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

day_parts as (
    select * from {{ ref('day_parts') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of__resolved') }}
),

final as (
    select
        orders.order_id,
        customer_keys.customer_id,
        orders.source_system,
        orders.source_system = customer_keys.home_source_system as is_home_source,
        orders.store_id,
        orders.order_date,
        orders.occurred_at,
        {{ weekday_number('orders.order_date') }} as weekday_number,
        day_parts.hour_of_day,
        day_parts.day_part,
        orders.is_return,
        orders.line_count,
        orders.sales_amount,
        orders.discount_amount
    from orders
    inner join customer_keys on orders.customer_key = customer_keys.customer_key
    inner join day_parts on extract(hour from orders.occurred_at_local) = day_parts.hour_of_day
    cross join as_of
    where orders.order_date < as_of.as_of_date
)

select * from final
