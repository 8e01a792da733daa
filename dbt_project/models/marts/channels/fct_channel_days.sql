{# How much happens in which channel, from the timeline. Days are counted on the clock of the source. #}
with activities as (
    select
        activities.*,
        cast({{ local_from_utc('activities.occurred_at', 'source_systems.time_zone') }} as date) as activity_date
    from {{ ref('fct_activities') }} as activities
    inner join {{ ref('dim_source_systems') }} as source_systems
        on activities.source_system = source_systems.source_system
    where activities.channel is not null
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
