{#
    Each campaign and each customer of its source: what they spent while the campaign ran and in the equally long time
    before, and whether they were sent it. Only campaigns whose window before lies within the data are compared, each
    up to "today".
#}
with customer_keys as (
    select * from {{ ref('bdg_home_customer_keys') }}
),

as_of as (
    select * from {{ ref('int_as_of__resolved') }}
),

customer_days as (
    select * from {{ ref('fct_customer_days') }}
),

{# Each source's own first day: before it there is nothing to compare with. #}
source_starts as (
    select
        source_system,
        min(order_date) as first_order_date
    from customer_days
    group by source_system
),

windows as (
    select
        campaigns.campaign_id,
        campaigns.source_system,
        campaigns.start_date,
        least(campaigns.end_date, {{ days_after('as_of.as_of_date', -1) }}) as end_date,
        {{ days_between(
            'campaigns.start_date',
            'least(' ~ days_after('campaigns.end_date', 1) ~ ', as_of.as_of_date)',
        ) }} as window_days,
        source_starts.first_order_date
    from {{ ref('dim_campaigns') }} as campaigns
    inner join source_starts on campaigns.source_system = source_starts.source_system
    cross join as_of
),

comparable as (
    select * from windows
    where
        window_days >= 7
        and {{ days_after('start_date', '-window_days') }} >= first_order_date
),

{# Only customers who bought before the campaign can be compared with their own past. #}
customers as (
    select
        customer_days.customer_id,
        customer_days.source_system,
        min(customer_keys.customer_key) as home_key,
        min(customer_days.order_date) as first_order_date
    from customer_days
    inner join customer_keys on customer_days.customer_id = customer_keys.customer_id
    group by
        customer_days.customer_id,
        customer_days.source_system
),

sends as (
    select * from {{ ref('int_campaign_recipients__resolved') }}
),

spending as (
    select
        comparable.campaign_id,
        customer_days.customer_id,
        sum(case when customer_days.order_date < comparable.start_date then customer_days.sales_amount else 0 end)
            as sales_before,
        sum(case when customer_days.order_date >= comparable.start_date then customer_days.sales_amount else 0 end)
            as sales_during
    from comparable
    inner join customer_days
        on
            comparable.source_system = customer_days.source_system
            and customer_days.order_date >= {{ days_after('comparable.start_date', '-comparable.window_days') }}
            and comparable.end_date >= customer_days.order_date
    group by
        comparable.campaign_id,
        customer_days.customer_id
),

final as (
    select
        comparable.campaign_id,
        customers.customer_id,
        sends.customer_id is not null as is_recipient,
        cast(comparable.window_days as bigint) as window_days,
        cast(coalesce(spending.sales_before, 0) as double) as sales_before,
        cast(coalesce(spending.sales_during, 0) as double) as sales_during,
        cast(
            ntile(5) over (
                partition by comparable.campaign_id
                order by coalesce(spending.sales_before, 0), customers.home_key
            ) as bigint
        ) as spending_stratum
    from comparable
    inner join customers
        on
            comparable.source_system = customers.source_system
            and comparable.start_date > customers.first_order_date
    left join sends
        on
            comparable.campaign_id = sends.campaign_id
            and customers.customer_id = sends.customer_id
    left join spending
        on
            comparable.campaign_id = spending.campaign_id
            and customers.customer_id = spending.customer_id
)

select * from final
