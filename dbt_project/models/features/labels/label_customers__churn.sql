{#
    Churn: no purchase within the horizon after the as-of date. Population and horizon are what the source declares.
    The label is null until the whole horizon has passed, within what the source knows.
#}
with rhythm as (
    select * from {{ ref('feat_customers__rhythm') }}
),

spending as (
    select * from {{ ref('feat_customers__spending') }}
),

visits as (
    select
        customer_id,
        as_of_date,
        count(*) as shopping_day_count
    from {{ ref('int_customer_visits__dated') }}
    group by
        customer_id,
        as_of_date
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates__spined') }}
),

known_until as (
    select
        orders.source_system,
        least(min(as_of.as_of_date), {{ days_after('max(orders.order_date)', 1) }}) as known_until_date
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of__resolved') }} as as_of
    group by orders.source_system
),

rules as (
    select * from {{ ref('int_customer_rules__unioned') }}
),

shopping_days as (
    select
        customer_id,
        order_date
    from {{ ref('fct_customer_days') }}
    where is_shopping_day
),

{# Equal customers are told apart by their records: an id changes with what else is known of somebody. #}
home_keys as (
    select
        customer_id,
        min(customer_key) as home_key
    from {{ ref('bdg_home_customer_keys') }}
    group by customer_id
),

population as (
    select
        rhythm.customer_id,
        home_keys.home_key,
        rhythm.source_system,
        rhythm.as_of_date,
        rules.churn_horizon_days as horizon_days,
        as_of_dates.is_latest,
        {{ days_after('rhythm.as_of_date', 'rules.churn_horizon_days') }} as horizon_end_date,
        rhythm.shopping_days_84d,
        spending.sales_a_day_84d
    from rhythm
    inner join home_keys on rhythm.customer_id = home_keys.customer_id
    inner join visits
        on
            rhythm.customer_id = visits.customer_id
            and rhythm.as_of_date = visits.as_of_date
    inner join spending
        on
            rhythm.customer_id = spending.customer_id
            and rhythm.as_of_date = spending.as_of_date
    inner join as_of_dates
        on
            rhythm.source_system = as_of_dates.source_system
            and rhythm.as_of_date = as_of_dates.as_of_date
    inner join rules on rhythm.source_system = rules.source_system
    where
        visits.shopping_day_count >= rules.churn_min_shopping_days
        and rhythm.recency_days <= rules.churn_active_within_days
),

{# Thirds of the population, to judge the scores by: what counts as much or often differs by source. #}
banded as (
    select
        *,
        ntile(3) over (
            partition by source_system, as_of_date
            order by sales_a_day_84d, home_key
        ) as spending_third,
        ntile(3) over (
            partition by source_system, as_of_date
            order by shopping_days_84d, home_key
        ) as frequency_third
    from population
),

buyers as (
    select distinct
        population.customer_id,
        population.as_of_date
    from population
    inner join shopping_days
        on
            population.customer_id = shopping_days.customer_id
            and population.as_of_date <= shopping_days.order_date
            and population.horizon_end_date > shopping_days.order_date
),

final as (
    select
        banded.customer_id,
        banded.source_system,
        banded.as_of_date,
        cast(banded.horizon_days as bigint) as horizon_days,
        banded.is_latest,
        case
            when banded.horizon_end_date > known_until.known_until_date then null
            when buyers.customer_id is null then 1
            else 0
        end as churn_label,
        case banded.spending_third
            when 1 then 'low spending'
            when 2 then 'middle spending'
            else 'high spending'
        end as slice_spending_band,
        case banded.frequency_third
            when 1 then 'comes seldom'
            when 2 then 'comes sometimes'
            else 'comes often'
        end as slice_frequency_band
    from banded
    inner join known_until on banded.source_system = known_until.source_system
    left join buyers
        on
            banded.customer_id = buyers.customer_id
            and banded.as_of_date = buyers.as_of_date
)

select * from final
