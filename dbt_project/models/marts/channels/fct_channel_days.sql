{#
    How much happened in which channel before "today", from the timeline. Days are those of the source's clock. What belongs
    to no channel, such as points, stands under `none`, so that nothing is left out.
#}
with as_of as (
    select * from {{ ref('int_as_of__by_source') }}
),

activities as (
    select
        activities.source_system,
        activities.is_simulated,
        coalesce(activities.channel, 'none') as channel,
        activities.activity_type,
        activities.customer_key,
        activities.visitor_key,
        activities.activity_amount,
        local_days.local_date as activity_date
    from {{ ref('fct_activities') }} as activities
    inner join as_of on activities.source_system = as_of.source_system
    inner join {{ ref('int_local_days__by_quarter_hour') }} as local_days
        on
            activities.source_system = local_days.source_system
            and {{ quarter_hour_number('activities.occurred_at') }} = local_days.quarter_hour
    where activities.occurred_at < as_of.as_of_at
),

final as (
    select
        source_system,
        is_simulated,
        channel,
        activity_type,
        activity_date,
        cast(count(*) as bigint) as activity_count,
        cast(count(distinct customer_key) as bigint) as customer_record_count,
        cast(count(distinct visitor_key) as bigint) as visitor_count,
        cast(coalesce(sum(activity_amount), 0) as decimal(18, 2)) as activity_amount
    from activities
    group by
        source_system,
        is_simulated,
        channel,
        activity_type,
        activity_date
)

select * from final
