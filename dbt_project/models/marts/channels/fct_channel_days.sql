{# How much happened in which channel before "today", from the timeline. Days are those of the source's clock. #}
with as_of as (
    select * from {{ ref('int_as_of__by_source') }}
),

activities as (
    select
        activities.*,
        cast({{ local_from_utc('activities.occurred_at', 'as_of.time_zone') }} as date) as activity_date
    from {{ ref('fct_activities') }} as activities
    inner join as_of on activities.source_system = as_of.source_system
    where
        activities.occurred_at < as_of.as_of_at
        and activities.channel is not null
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
