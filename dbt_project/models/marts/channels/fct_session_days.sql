{# Sessions that began before "today", by channel and day on the clock of the source. #}
with as_of as (
    select * from {{ ref('int_as_of__by_source') }}
),

sessions as (
    select
        sessions.*,
        cast({{ local_from_utc('sessions.started_at', 'as_of.time_zone') }} as date) as session_date
    from {{ ref('fct_sessions') }} as sessions
    inner join as_of on sessions.source_system = as_of.source_system
    where sessions.started_at < as_of.as_of_at
),

final as (
    select
        source_system,
        channel,
        session_date,
        cast(count(*) as bigint) as session_count,
        cast(sum(case when is_converted then 1 else 0 end) as bigint) as converted_session_count,
        cast(sum(event_count) as bigint) as event_count,
        cast(count(distinct visitor_key) as bigint) as visitor_count,
        {{ share_of('sum(cast(dwell_seconds as decimal(18, 3)))', 'count(*)') }} as mean_session_seconds
    from sessions
    group by
        source_system,
        channel,
        session_date
)

select * from final
