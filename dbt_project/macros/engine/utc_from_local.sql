{# The UTC instant of a wall-clock time in an IANA time zone. DuckDB: timezone(); Spark: to_utc_timestamp(). #}
{% macro utc_from_local(local_timestamp, time_zone) -%}
    {{ return(adapter.dispatch('utc_from_local')(local_timestamp, time_zone)) }}
{%- endmacro %}

{% macro default__utc_from_local(local_timestamp, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, cast({{ local_timestamp }} as timestamp)))
{%- endmacro %}

{% macro spark__utc_from_local(local_timestamp, time_zone) -%}
    to_utc_timestamp({{ local_timestamp }}, {{ time_zone }})
{%- endmacro %}
