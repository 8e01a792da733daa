{# How many events of a name a group has. #}
{% macro count_of_events(event_name) -%}
    count(case when events.event_name = '{{ event_name }}' then 1 end)
{%- endmacro %}


{#
    What every visitor did in each half hour of the clock. In an incremental run, only within the stretches of `spans`.

    first_at: a constant before which no stretch begins, so that the engine need not read what is older.
#}
{% macro half_hours_of_visitors(first_at) %}
    select
        events.visitor_key,
        {{ half_hour_number('events.occurred_at') }} as half_hour,
        -- A visitor is one of one source and channel: no need to compare.
        {{ dbt.any_value('events.source_system') }} as source_system,
        {{ dbt.any_value('events.channel') }} as channel,
        min(events.device_type) as device_type,
        min(events.customer_key) as first_customer_key,
        max(events.customer_key) as last_customer_key,
        min(events.order_id) as order_id,
        min(events.occurred_at) as started_at,
        max(events.occurred_at) as ended_at,
        min(events.occurred_at_local) as started_at_local,
        count(*) as event_count,
        {{ count_of_events('Product Viewed') }} as product_view_count,
        {{ count_of_events('Products Searched') }} as search_count,
        {{ count_of_events('Product Added') }} as cart_add_count,
        {{ count_of_events('Product Removed') }} as cart_removal_count,
        max(events.checkout_step) as last_checkout_step,
        sum(cast(events.dwell_seconds as decimal(18, 3))) as dwell_seconds,
        max(events.known_at) as known_at,
        max(events.loaded_at) as loaded_at
    from events
    {% if is_incremental() %}
        inner join spans
            on
                events.visitor_key = spans.visitor_key
                and events.occurred_at between spans.first_at and spans.last_at
                and events.occurred_at >= timestamp '{{ first_at }}'
    {% endif %}
    group by
        events.visitor_key,
        {{ half_hour_number('events.occurred_at') }}
{% endmacro %}


{# What is known of each half hour, and the function by which those of one session become one. #}
{% macro session_summaries() %}
    {{ return({
        'source_system': 'any_value',
        'channel': 'any_value',
        'device_type': 'min',
        'order_id': 'min',
        'first_customer_key': 'min',
        'last_customer_key': 'max',
        'started_at': 'min',
        'ended_at': 'max',
        'started_at_local': 'min',
        'event_count': 'sum',
        'product_view_count': 'sum',
        'search_count': 'sum',
        'cart_add_count': 'sum',
        'cart_removal_count': 'sum',
        'last_checkout_step': 'max',
        'dwell_seconds': 'sum',
        'known_at': 'max',
        'loaded_at': 'max',
    }) }}
{% endmacro %}


{#
    From which moment on new events can change sessions, as two constants: the engine need not read what is older.

    first_new_at: the earliest new event. first_at: the earliest start of a session, of whomever, that still went on half
    an hour before. Both are far in the past only where an event comes that late.

    new_events: the condition by which an event is new.
#}
{% macro where_new_events_begin(new_events) %}
    {%- set never = '9999-01-01' -%}
    {%- if not is_incremental() or not execute -%}
        {{ return({'first_new_at': never, 'first_at': never}) }}
    {%- endif -%}
    {%- set first_new_at = run_query(
        'select min(events.occurred_at) as first_new_at from ' ~ ref('fct_behaviour_events') ~ ' as events where ' ~ new_events
    ).rows[0][0] or never -%}
    {%- set first_started_at = run_query(
        'select min(started_at) as first_started_at from ' ~ this
        ~ ' where ended_at >= ' ~ dbt.dateadd('minute', -30, "timestamp '" ~ first_new_at ~ "'")
    ).rows[0][0] or never -%}
    {{ return({
        'first_new_at': first_new_at | string,
        'first_at': [first_new_at | string, first_started_at | string] | min,
    }) }}
{% endmacro %}


{#
    Which stretch of each visitor's time has to be cut into sessions again: the new events, and the sessions that lie
    within half an hour of them.
#}
{% macro session_spans_to_rebuild(new_events, first_new_at) %}
    select
        touched.visitor_key,
        least(touched.first_at, coalesce(min(sessions.started_at), touched.first_at)) as first_at,
        greatest(touched.last_at, coalesce(max(sessions.ended_at), touched.last_at)) as last_at
    from (
        select
            events.visitor_key,
            min(events.occurred_at) as first_at,
            max(events.occurred_at) as last_at
        from {{ ref('fct_behaviour_events') }} as events
        where {{ new_events }}
        group by events.visitor_key
    ) as touched
    left join {{ this }} as sessions
        on
            touched.visitor_key = sessions.visitor_key
            and sessions.ended_at >= {{ dbt.dateadd('minute', -30, "timestamp '" ~ first_new_at ~ "'") }}
            and sessions.ended_at >= {{ dbt.dateadd('minute', -30, 'touched.first_at') }}
            and sessions.started_at <= {{ dbt.dateadd('minute', 30, 'touched.last_at') }}
    group by
        touched.visitor_key,
        touched.first_at,
        touched.last_at
{% endmacro %}
