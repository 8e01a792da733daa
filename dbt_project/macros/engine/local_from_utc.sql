{# The wall-clock time in an IANA time zone of a UTC instant. DuckDB: timezone(); Spark: from_utc_timestamp(). #}
{% macro local_from_utc(utc_timestamp, time_zone) -%}
    {{ return(adapter.dispatch('local_from_utc')(utc_timestamp, time_zone)) }}
{%- endmacro %}

{% macro default__local_from_utc(utc_timestamp, time_zone) -%}
    timezone({{ time_zone }}, timezone('UTC', {{ utc_timestamp }}))
{%- endmacro %}

{% macro spark__local_from_utc(utc_timestamp, time_zone) -%}
    from_utc_timestamp({{ utc_timestamp }}, {{ time_zone }})
{%- endmacro %}
