{#
    Whatever a mart shows as a count or an amount adds up to what core has of it before "today", by the mart's own filter:
    per source, to the cent.
#}
{% set shown = [
    ('hours, sales', ref('fct_sales_by_hour'), 'sales_amount'),
    ('hours, orders', ref('fct_sales_by_hour'), 'order_count'),
    ('days, new customers', ref('fct_sales_daily'), 'new_customer_count'),
    ('customer days, sales', ref('fct_customer_days'), 'sales_amount'),
    ('cohorts, sales', ref('fct_cohort_retention'), 'sales_amount'),
    ('channels, touches', ref('fct_channel_days'), 'activity_count'),
    ('sessions', ref('fct_session_days'), 'session_count'),
] %}
with as_of as (
    select * from {{ ref('int_as_of__by_source') }}
),

orders as (
    select
        orders.*,
        customer_keys.customer_id,
        coalesce(orders.source_system = customer_keys.home_source_system, false) as is_home_source
    from {{ ref('fct_orders') }} as orders
    inner join as_of on orders.source_system = as_of.source_system
    left join {{ ref('bdg_customer_keys') }} as customer_keys on orders.customer_key = customer_keys.customer_key
    where orders.order_date < as_of.as_of_date
),

first_months as (
    select
        customer_id,
        min(order_month) as first_month
    from orders
    where
        is_home_source
        and not is_return
    group by customer_id
),

sums as (
    select 'core' as side, 'hours, sales' as total, source_system, sum(sales_amount) as amount
    from orders
    group by source_system
    union all
    select 'core' as side, 'hours, orders' as total, source_system, count(*) as amount
    from orders
    where not is_return
    group by source_system
    union all
    select
        'core' as side,
        'days, new customers' as total,
        source_system,
        count(distinct coalesce(customer_id, customer_key)) as amount
    from orders
    where not is_return
    group by source_system
    union all
    select 'core' as side, 'customer days, sales' as total, source_system, sum(sales_amount) as amount
    from orders
    where is_home_source
    group by source_system
    union all
    select 'core' as side, 'cohorts, sales' as total, orders.source_system, sum(orders.sales_amount) as amount
    from orders
    inner join first_months on orders.customer_id = first_months.customer_id
    where
        orders.is_home_source
        and orders.order_month >= first_months.first_month
    group by orders.source_system
    union all
    select 'core' as side, 'channels, touches' as total, activities.source_system, count(*) as amount
    from {{ ref('fct_activities') }} as activities
    inner join as_of on activities.source_system = as_of.source_system
    where activities.occurred_at < as_of.as_of_at
    group by activities.source_system
    union all
    select 'core' as side, 'sessions' as total, sessions.source_system, count(*) as amount
    from {{ ref('fct_sessions') }} as sessions
    inner join as_of on sessions.source_system = as_of.source_system
    where sessions.started_at < as_of.as_of_at
    group by sessions.source_system
    {% for total, mart, column in shown %}
        union all
        select 'mart' as side, '{{ total }}' as total, source_system, sum({{ column }}) as amount
        from {{ mart }}
        group by source_system
    {% endfor %}
)

select
    total,
    source_system
from sums
group by
    total,
    source_system
having
    coalesce(sum(case when side = 'core' then amount end), 0)
    <> coalesce(sum(case when side = 'mart' then amount end), 0)
