{#
    The shopping days of the year before each as-of date, as they were known then. Gaps are measured within what was
    known, so that a day that became known later changes no earlier feature.
#}
with orders as (
    select * from {{ ref('fct_orders') }}
    where not is_return
),

customer_keys as (
    select * from {{ ref('bdg_home_customer_keys') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates__spined') }}
    where is_feature_date
),

order_mixes as (
    select
        order_id,
        sum(case when categories.is_perishable then order_categories.sales_amount else 0 end)
            as perishable_sales_amount,
        sum(case when categories.is_counted_in_units then 0 else order_categories.sales_amount end)
            as uncounted_sales_amount
    from {{ ref('fct_order_categories') }} as order_categories
    inner join {{ ref('dim_categories') }} as categories on order_categories.category_id = categories.category_id
    group by order_id
),

source_starts as (
    select
        source_system,
        min(order_date) as first_order_date
    from orders
    group by source_system
),

customer_orders as (
    select
        customer_keys.customer_id,
        orders.source_system,
        orders.order_date,
        orders.occurred_at,
        orders.known_at,
        orders.sales_amount,
        orders.list_amount,
        orders.discount_amount,
        orders.coupon_discount_amount,
        coalesce(order_mixes.perishable_sales_amount, 0) as perishable_sales_amount,
        coalesce(order_mixes.uncounted_sales_amount, 0) as uncounted_sales_amount
    from orders
    inner join customer_keys on orders.customer_key = customer_keys.customer_key
    left join order_mixes on orders.order_id = order_mixes.order_id
),

visits as (
    select
        customer_orders.customer_id,
        as_of_dates.as_of_date,
        customer_orders.order_date,
        min(customer_orders.source_system) as source_system,
        count(*) as order_count,
        cast(sum(customer_orders.sales_amount) as decimal(18, 2)) as sales_amount,
        cast(sum(customer_orders.list_amount) as decimal(18, 2)) as list_amount,
        cast(sum(customer_orders.discount_amount) as decimal(18, 2)) as discount_amount,
        cast(sum(customer_orders.coupon_discount_amount) as decimal(18, 2)) as coupon_discount_amount,
        cast(sum(customer_orders.perishable_sales_amount) as decimal(18, 2)) as perishable_sales_amount,
        cast(sum(customer_orders.uncounted_sales_amount) as decimal(18, 2)) as uncounted_sales_amount
    from customer_orders
    inner join as_of_dates
        on
            customer_orders.source_system = as_of_dates.source_system
            and {{ known_at_the_time('customer_orders', 'as_of_dates') }}
            and customer_orders.order_date >= {{ days_after('as_of_dates.as_of_date', -365) }}
    group by
        customer_orders.customer_id,
        as_of_dates.as_of_date,
        customer_orders.order_date
),

final as (
    select
        visits.customer_id,
        visits.source_system,
        visits.as_of_date,
        visits.order_date,
        cast({{ days_between('visits.order_date', 'visits.as_of_date') }} as bigint) as days_ago,
        cast(
            least(365, {{ days_between('source_starts.first_order_date', 'visits.as_of_date') }}) as bigint
        ) as observed_days,
        cast({{ days_between(
            'lag(visits.order_date) over (partition by visits.customer_id, visits.as_of_date '
            ~ 'order by visits.order_date)',
            'visits.order_date',
        ) }} as bigint) as gap_days,
        visits.order_count,
        visits.sales_amount,
        visits.list_amount,
        visits.discount_amount,
        visits.coupon_discount_amount,
        visits.perishable_sales_amount,
        visits.uncounted_sales_amount
    from visits
    inner join source_starts on visits.source_system = source_starts.source_system
)

select * from final
