{#
    What a visitor did in a session, whoever they are, and how often they had come before; as of the first date on which
    the whole session was known.
#}
with sessions as (
    select * from {{ ref('fct_sessions') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates__spined') }}
),

known as (
    {{ with_first_as_of_date('sessions', occurred_at='ended_at') }}
),

dated as (
    select
        known.*,
        as_of_dates.as_of_date,
        as_of_dates.as_of_at
    from known
    inner join as_of_dates
        on
            known.source_system = as_of_dates.source_system
            and known.first_as_of_date = as_of_dates.as_of_date
),

{# Visits of the four weeks before, as far as they were known at the date. #}
earlier as (
    select
        dated.session_id,
        count(*) as sessions_before_28d,
        max(before.ended_at) as last_ended_at,
        sum(before.product_view_count) as product_views_before_28d,
        sum(case when before.is_converted then 1 else 0 end) as orders_before_28d
    from dated
    inner join sessions as before
        on
            dated.visitor_key = before.visitor_key
            and dated.started_at > before.started_at
            and {{ dbt.dateadd('hour', -24 * 28, 'dated.started_at') }} <= before.started_at
            and dated.as_of_at >= before.known_at
    group by dated.session_id
),

final as (
    select
        dated.session_id,
        dated.source_system as source_systems,
        dated.as_of_date,
        cast(dated.event_count as double) as events,
        cast(dated.product_view_count as double) as product_views,
        cast(dated.search_count as double) as searches,
        cast(dated.cart_add_count as double) as cart_adds,
        cast(dated.cart_removal_count as double) as cart_removals,
        cast(coalesce(dated.last_checkout_step, 0) as double) as last_checkout_step,
        dated.dwell_seconds,
        {{ seconds_between('dated.started_at', 'dated.ended_at') }} as duration_seconds,
        cast(case when dated.customer_key is null then 0 else 1 end as double) as was_logged_in,
        cast(case when dated.is_converted then 1 else 0 end as double) as ended_in_order,
        {{ counted('earlier.sessions_before_28d') }} as sessions_before_28d,
        {{ counted('earlier.product_views_before_28d') }} as product_views_before_28d,
        {{ counted('earlier.orders_before_28d') }} as orders_before_28d,
        {{ seconds_between('earlier.last_ended_at', 'dated.started_at') }} / 3600
            as hours_since_last_session
    from dated
    left join earlier on dated.session_id = earlier.session_id
)

select * from final
