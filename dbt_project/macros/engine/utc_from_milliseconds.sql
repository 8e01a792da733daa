{# The UTC instant of a count of milliseconds since 1970. DuckDB: epoch_ms(); Spark: timestamp_millis(). #}
{% macro utc_from_milliseconds(millisecond_count) -%}
    {{ return(adapter.dispatch('utc_from_milliseconds')(millisecond_count)) }}
{%- endmacro %}

{% macro default__utc_from_milliseconds(millisecond_count) -%}
    epoch_ms(cast({{ millisecond_count }} as bigint))
{%- endmacro %}

{% macro spark__utc_from_milliseconds(millisecond_count) -%}
    timestamp_millis(cast({{ millisecond_count }} as bigint))
{%- endmacro %}
