{#
    The UTC instant that a text in ISO 8601 names, with its offset or Z; null if it is none. A text without an offset
    is taken as UTC. DuckDB's plain timestamp ignores an offset without a word, so the zoned type reads it.
#}
{% macro utc_from_iso_text(column_name) -%}
    {{ return(adapter.dispatch('utc_from_iso_text')(column_name)) }}
{%- endmacro %}

{% macro default__utc_from_iso_text(column_name) -%}
    timezone('UTC', try_cast({{ column_name }} as timestamp with time zone))
{%- endmacro %}

{% macro spark__utc_from_iso_text(column_name) -%}
    try_cast({{ column_name }} as timestamp)
{%- endmacro %}
