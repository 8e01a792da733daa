{#
    On every date of the as-of grid on which a customer stands somewhere, exactly one interval of the history holds, and
    it names that stage: the intervals neither overlap nor leave a gap.
#}
with stages as (
    select * from {{ ref('int_customers__staged') }}
),

intervals as (
    select * from {{ ref('fct_customer_lifecycle') }}
),

matched as (
    select
        stages.customer_id,
        stages.as_of_date,
        count(intervals.customer_id) as interval_count,
        sum(case when intervals.lifecycle_stage = stages.lifecycle_stage then 1 else 0 end) as agreeing_count
    from stages
    left join intervals
        on
            stages.customer_id = intervals.customer_id
            and stages.as_of_date >= intervals.valid_from_date
            and stages.as_of_date < coalesce(intervals.valid_to_date, date '9999-12-31')
    group by
        stages.customer_id,
        stages.as_of_date
),

current_intervals as (
    select
        customer_id,
        sum(case when is_current then 1 else 0 end) as current_count
    from intervals
    group by customer_id
)

select
    customer_id,
    'an as-of date has no interval, or several' as problem
from matched
where
    interval_count <> 1
    or agreeing_count <> 1
union all
select
    customer_id,
    'not exactly one interval is current' as problem
from current_intervals
where current_count <> 1
