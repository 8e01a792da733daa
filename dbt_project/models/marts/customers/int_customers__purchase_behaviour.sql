{# How a customer buys: how often, how much, at which rhythm, when in the week, how cheaply. #}
with customer_days as (
    select * from {{ ref('fct_customer_days') }}
),

orders as (
    select * from {{ ref('fct_customer_orders') }}
    where
        is_home_source
        and not is_return
),

daily as (
    select
        customer_id,
        min(case when is_shopping_day then order_date end) as first_order_date,
        max(case when is_shopping_day then order_date end) as last_order_date,
        cast(sum(order_count) as bigint) as order_count,
        cast(sum(return_count) as bigint) as return_count,
        cast(sum(case when is_shopping_day then 1 else 0 end) as bigint) as shopping_day_count,
        cast(sum(line_count) as bigint) as line_count,
        cast(sum(sales_amount) as decimal(18, 2)) as sales_amount,
        {{ share_of('sum(discount_amount)', 'sum(list_amount)') }} as discount_share,
        avg(days_since_previous) as mean_days_between,
        median(days_since_previous) as median_days_between,
        {{ exact_spread('days_since_previous', is_sample=true) }} as standard_deviation_days_between,
        {{ quantile('days_since_previous', 0.9) }} as ninetieth_percentile_days_between
    from customer_days
    group by customer_id
),

per_order as (
    select
        customer_id,
        {{ share_of('sum(sales_amount)', 'count(*)') }} as average_order_amount,
        avg(line_count) as average_lines_per_order,
        avg(case when weekday_number >= 6 then 1 else 0 end) as weekend_order_share,
        cast(count(distinct store_id) as bigint) as store_count
    from orders
    group by customer_id
),

favourite_times as (
    select
        customer_id,
        weekday_number,
        day_part,
        row_number() over (
            partition by customer_id
            order by count(*) desc, weekday_number, day_part
        ) as time_rank
    from orders
    group by
        customer_id,
        weekday_number,
        day_part
),

favourite_stores as (
    select
        customer_id,
        store_id,
        row_number() over (partition by customer_id order by count(*) desc, store_id) as store_rank
    from orders
    group by
        customer_id,
        store_id
),

final as (
    select
        daily.customer_id,
        daily.first_order_date,
        daily.last_order_date,
        daily.order_count,
        daily.return_count,
        daily.shopping_day_count,
        daily.line_count,
        daily.sales_amount,
        per_order.average_order_amount,
        per_order.average_lines_per_order,
        daily.discount_share,
        daily.mean_days_between,
        daily.median_days_between,
        daily.standard_deviation_days_between,
        daily.ninetieth_percentile_days_between,
        per_order.weekend_order_share,
        cast(favourite_times.weekday_number as bigint) as favourite_weekday_number,
        favourite_times.day_part as favourite_day_part,
        per_order.store_count,
        favourite_stores.store_id as favourite_store_id
    from daily
    left join per_order on daily.customer_id = per_order.customer_id
    left join favourite_times
        on
            daily.customer_id = favourite_times.customer_id
            and favourite_times.time_rank = 1
    left join favourite_stores
        on
            daily.customer_id = favourite_stores.customer_id
            and favourite_stores.store_rank = 1
)

select * from final
