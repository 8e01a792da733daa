{#
    Rows of a fact as touches, in the shape of the timeline: the one place that knows it. What is not given is null, or
    the column of the same name.

    kind: what the key is prefixed with, so that keys of two facts never meet. key: the fact's key. activity_type, channel
    and what follows: SQL expressions.
#}
{% macro activity(
    relation, kind, key, activity_type, customer_key='customer_key', visitor_key='null', channel='null', subject_id=none,
    campaign_id='null', product_id='null', activity_amount='null', occurred_at='occurred_at', known_at='known_at'
) -%}
    select
        '{{ kind }}:' || {{ key }} as activity_id,
        source_system,
        {{ customer_key }} as customer_key,
        cast({{ visitor_key }} as {{ dbt.type_string() }}) as visitor_key,
        cast({{ channel }} as {{ dbt.type_string() }}) as channel,
        {{ activity_type }} as activity_type,
        {{ subject_id or key }} as subject_id,
        cast({{ campaign_id }} as {{ dbt.type_string() }}) as campaign_id,
        cast({{ product_id }} as {{ dbt.type_string() }}) as product_id,
        cast({{ activity_amount }} as decimal(18, 2)) as activity_amount,
        {{ occurred_at }} as occurred_at,
        {{ known_at }} as known_at,
        loaded_at
    from {{ relation }}
{%- endmacro %}
