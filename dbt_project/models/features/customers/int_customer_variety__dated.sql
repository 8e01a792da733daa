{# How many stores and categories a customer used in the twelve weeks before each as-of date. #}
with order_categories as (
    select * from {{ ref('fct_order_categories') }}
    where not is_return
),

orders as (
    select * from {{ ref('fct_orders') }}
),

customer_keys as (
    select * from {{ ref('bdg_home_customer_keys') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates__spined') }}
    where is_feature_date
),

bought as (
    select
        customer_keys.customer_id,
        orders.source_system,
        orders.store_id,
        order_categories.category_id,
        orders.order_date,
        max(orders.occurred_at) as occurred_at,
        max(orders.known_at) as known_at
    from order_categories
    inner join orders on order_categories.order_id = orders.order_id
    inner join customer_keys on orders.customer_key = customer_keys.customer_key
    group by
        customer_keys.customer_id,
        orders.source_system,
        orders.store_id,
        order_categories.category_id,
        orders.order_date
),

final as (
    select
        bought.customer_id,
        as_of_dates.as_of_date,
        count(distinct bought.store_id) as stores_84d,
        count(distinct bought.category_id) as categories_84d,
        count(
            distinct case
                when bought.order_date >= {{ days_after('as_of_dates.as_of_date', -28) }} then bought.category_id
            end
        ) as categories_28d
    from bought
    inner join as_of_dates
        on
            bought.source_system = as_of_dates.source_system
            and {{ known_at_the_time('bought', 'as_of_dates') }}
            and bought.order_date >= {{ days_after('as_of_dates.as_of_date', -84) }}
    group by
        bought.customer_id,
        as_of_dates.as_of_date
)

select * from final
