{{ config(**incremental_by_key('visitor_key', partition_by='session_month', stretch=['started_at', 'ended_at'])) }}

{#
    A session ends when its visitor does nothing for more than half an hour. Events are first summed by half hours of the
    clock: two events of one half hour are never half an hour apart, and what goes on goes on in the next one. Most sessions
    lie within one half hour, and are done then; only what is left has to be put in order.

    New events touch the sessions within half an hour of them. Those are built again from their events, and take the
    place of the old ones, which all begin within one that is built now: events come, but never go.
#}
{% set summaries = session_summaries() %}
{% set new_events = loaded_since_last_build('events') %}
{% set begin = where_new_events_begin(new_events) %}
with events as (
    select * from {{ ref('fct_behaviour_events') }}
),

{% if is_incremental() %}
spans as (
    {{ session_spans_to_rebuild(new_events, begin.first_new_at) }}
),

{% endif %}
half_hours as (
    {{ half_hours_of_visitors(begin.first_at) }}
),

{# Half hours that go on with a session of the one before. #}
continuations as (
    select
        later.visitor_key,
        later.half_hour
    from half_hours as earlier
    inner join half_hours as later
        on
            earlier.visitor_key = later.visitor_key
            and earlier.half_hour + 1 = later.half_hour
    where later.started_at <= {{ dbt.dateadd('minute', 30, 'earlier.ended_at') }}
),

marked as (
    select
        half_hours.*,
        case when continuations.half_hour is null then 1 else 0 end as session_start_count,
        case when next_continuations.half_hour is null then 1 else 0 end as session_end_count
    from half_hours
    left join continuations
        on
            half_hours.visitor_key = continuations.visitor_key
            and half_hours.half_hour = continuations.half_hour
    left join continuations as next_continuations
        on
            half_hours.visitor_key = next_continuations.visitor_key
            and half_hours.half_hour + 1 = next_continuations.half_hour
),

numbered as (
    select
        *,
        sum(session_start_count) over (
            partition by visitor_key
            order by started_at
            rows between unbounded preceding and current row
        ) as session_number
    from marked
    where session_start_count = 0 or session_end_count = 0
),

sessions as (
    select
        {% for column, summary in summaries.items() %}
            {{ summary }}({{ column }}) as {{ column }},
        {% endfor %}
        visitor_key
    from numbered
    group by
        visitor_key,
        session_number
    union all
    select
        {{ summaries | join(', ') }},
        visitor_key
    from marked
    where session_start_count = 1 and session_end_count = 1
),

final as (
    select
        visitor_key || ':' || cast(started_at as {{ dbt.type_string() }}) as session_id,
        source_system,
        channel,
        visitor_key,
        -- Two customers on one device: whose session it was is not known here.
        case when first_customer_key = last_customer_key then first_customer_key end as customer_key,
        device_type,
        order_id,
        {% for name in ['event', 'product_view', 'search', 'cart_add', 'cart_removal'] %}
            cast({{ name }}_count as bigint) as {{ name }}_count,
        {% endfor %}
        last_checkout_step,
        cast(dwell_seconds as double) as dwell_seconds,
        order_id is not null as is_converted,
        started_at,
        ended_at,
        known_at,
        loaded_at,
        cast({{ dbt.date_trunc('month', 'started_at_local') }} as date) as session_month
    from sessions
)

select * from final
