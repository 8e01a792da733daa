{#
    Cohorts by month of first purchase: how many bought again in each month after it, and what they brought, net of what
    they brought back. Whoever only brought back never bought, and is in no cohort.
#}
with customer_days as (
    select * from {{ ref('fct_customer_days') }}
),

as_of as (
    select * from {{ ref('int_as_of__resolved') }}
),

first_months as (
    select
        customer_id,
        min(source_system) as source_system,
        cast({{ dbt.date_trunc('month', 'min(order_date)') }} as date) as cohort_month
    from customer_days
    where is_shopping_day
    group by customer_id
),

active_months as (
    select
        customer_id,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as active_month,
        max(case when is_shopping_day then 1 else 0 end) as has_bought,
        sum(sales_amount) as sales_amount
    from customer_days
    group by
        customer_id,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date)
),

cohort_sizes as (
    select
        source_system,
        cohort_month,
        count(*) as cohort_customer_count
    from first_months
    group by
        source_system,
        cohort_month
),

monthly as (
    select
        first_months.source_system,
        first_months.cohort_month,
        active_months.active_month,
        sum(active_months.has_bought) as active_customer_count,
        sum(active_months.sales_amount) as sales_amount
    from first_months
    inner join active_months
        on
            first_months.customer_id = active_months.customer_id
            -- A return may come before all that is known to be bought.
            and first_months.cohort_month <= active_months.active_month
    group by
        first_months.source_system,
        first_months.cohort_month,
        active_months.active_month
),

final as (
    select
        monthly.source_system,
        monthly.cohort_month,
        cast({{ months_between('monthly.cohort_month', 'monthly.active_month') }} as bigint)
            as months_since_first_order,
        cast(cohort_sizes.cohort_customer_count as bigint) as cohort_customer_count,
        cast(monthly.active_customer_count as bigint) as active_customer_count,
        {{ share_of('monthly.active_customer_count', 'cohort_sizes.cohort_customer_count') }} as retention_share,
        cast(monthly.sales_amount as decimal(18, 2)) as sales_amount,
        -- A month that "today" cuts short would look like a drop: it is marked instead.
        {{ dbt.dateadd('month', 1, 'monthly.active_month') }} <= as_of.as_of_date as is_complete_month
    from monthly
    inner join cohort_sizes
        on
            monthly.source_system = cohort_sizes.source_system
            and monthly.cohort_month = cohort_sizes.cohort_month
    cross join as_of
)

select * from final
