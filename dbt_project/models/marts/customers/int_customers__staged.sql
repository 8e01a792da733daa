{#
    The lifecycle stage of every customer at every date of the as-of grid, by the rules that the source declares.
    The first rule that holds decides: prospect, lost, dormant, at risk, new, won back, loyal, active.
#}
with as_of_dates as (
    select * from {{ ref('int_as_of_dates__spined') }}
),

customer_days as (
    select * from {{ ref('fct_customer_days') }}
    where is_shopping_day
),

rules as (
    select * from {{ ref('int_customer_rules__unioned') }}
),

known_customers as (
    select
        customer_keys.customer_id,
        records.source_system,
        min(records.first_known_at) as first_known_at
    from {{ ref('dim_customer_records') }} as records
    inner join {{ ref('bdg_home_customer_keys') }} as customer_keys
        on records.customer_key = customer_keys.customer_key
    group by
        customer_keys.customer_id,
        records.source_system
),

customer_dates as (
    select
        known_customers.customer_id,
        known_customers.source_system,
        as_of_dates.as_of_date
    from known_customers
    inner join as_of_dates
        on
            known_customers.source_system = as_of_dates.source_system
            -- Who is known without a date, from a list of addresses say, was known all the time.
            and coalesce(known_customers.first_known_at, timestamp '1900-01-01 00:00:00') < as_of_dates.as_of_at
),

last_shopping_days as (
    select
        customer_dates.customer_id,
        customer_dates.as_of_date,
        customer_days.order_date as last_order_date,
        customer_days.shopping_day_number,
        customer_days.days_since_previous
    from customer_dates
    inner join customer_days
        on
            customer_dates.customer_id = customer_days.customer_id
            and customer_dates.as_of_date > customer_days.order_date
            and coalesce(customer_days.next_shopping_date, date '9999-12-31') >= customer_dates.as_of_date
),

{# The last return after a silence long enough to be called dormant, and the first day of all. #}
milestones as (
    select
        customer_dates.customer_id,
        customer_dates.as_of_date,
        min(customer_days.order_date) as first_order_date,
        max(
            case when customer_days.days_since_previous > rules.dormant_after_days then customer_days.order_date end
        ) as last_comeback_date,
        sum(
            case
                when
                    {{ days_between('customer_days.order_date', 'customer_dates.as_of_date') }}
                    <= rules.loyal_window_days
                    then 1
                else 0
            end
        ) as recent_shopping_day_count
    from customer_dates
    inner join rules on customer_dates.source_system = rules.source_system
    inner join customer_days
        on
            customer_dates.customer_id = customer_days.customer_id
            and customer_dates.as_of_date > customer_days.order_date
    group by
        customer_dates.customer_id,
        customer_dates.as_of_date
),

final as (
    select
        customer_dates.customer_id,
        customer_dates.source_system,
        customer_dates.as_of_date,
        case
            when last_shopping_days.last_order_date is null then 'prospect'
            when
                {{ days_between('last_shopping_days.last_order_date', 'customer_dates.as_of_date') }}
                > rules.lost_after_days
                then 'lost'
            when
                {{ days_between('last_shopping_days.last_order_date', 'customer_dates.as_of_date') }}
                > rules.dormant_after_days
                then 'dormant'
            when
                {{ days_between('last_shopping_days.last_order_date', 'customer_dates.as_of_date') }}
                > rules.at_risk_after_days
                then 'at_risk'
            when
                {{ days_between('milestones.first_order_date', 'customer_dates.as_of_date') }}
                <= rules.new_within_days
                then 'new'
            when
                {{ days_between('milestones.last_comeback_date', 'customer_dates.as_of_date') }}
                <= rules.new_within_days
                then 'won_back'
            when milestones.recent_shopping_day_count >= rules.loyal_min_shopping_days then 'loyal'
            else 'active'
        end as lifecycle_stage
    from customer_dates
    inner join rules on customer_dates.source_system = rules.source_system
    left join last_shopping_days
        on
            customer_dates.customer_id = last_shopping_days.customer_id
            and customer_dates.as_of_date = last_shopping_days.as_of_date
    left join milestones
        on
            customer_dates.customer_id = milestones.customer_id
            and customer_dates.as_of_date = milestones.as_of_date
)

select * from final
