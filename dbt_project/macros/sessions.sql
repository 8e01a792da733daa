{# How many events of a name a group has. #}
{% macro count_of_events(event_name) -%}
    sum(case when events.event_name = '{{ event_name }}' then 1 else 0 end)
{%- endmacro %}


{#
    Which stretch of each visitor's time has to be cut into sessions again: the new events, and the sessions that lie
    within half an hour of them.
#}
{% macro session_spans_to_rebuild() %}
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
        where {{ loaded_since_last_build('events') }}
        group by events.visitor_key
    ) as touched
    left join {{ this }} as sessions
        on
            touched.visitor_key = sessions.visitor_key
            and sessions.ended_at >= {{ dbt.dateadd('minute', -30, 'touched.first_at') }}
            and sessions.started_at <= {{ dbt.dateadd('minute', 30, 'touched.last_at') }}
    group by
        touched.visitor_key,
        touched.first_at,
        touched.last_at
{% endmacro %}


{# The earliest moment of those stretches, as a constant: the engine need not read older events. #}
{% macro earliest_session_to_rebuild() %}
    {%- if is_incremental() and execute -%}
        {%- set rows = run_query('select min(first_at) as first_at from (' ~ session_spans_to_rebuild() ~ ') as spans').rows -%}
        {{ return(rows[0][0] or '9999-01-01') }}
    {%- endif -%}
    {{ return('9999-01-01') }}
{% endmacro %}
