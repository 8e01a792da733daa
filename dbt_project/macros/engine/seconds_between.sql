{#
    Seconds from one timestamp to another, with their fractions. Both engines count microseconds since 1970, under
    different names.
#}
{% macro seconds_between(earlier_timestamp, later_timestamp) -%}
    {{ return(adapter.dispatch('seconds_between')(earlier_timestamp, later_timestamp)) }}
{%- endmacro %}

{% macro default__seconds_between(earlier_timestamp, later_timestamp) -%}
    cast((epoch_us({{ later_timestamp }}) - epoch_us({{ earlier_timestamp }})) / 1000000.0 as double)
{%- endmacro %}

{% macro spark__seconds_between(earlier_timestamp, later_timestamp) -%}
    cast((unix_micros({{ later_timestamp }}) - unix_micros({{ earlier_timestamp }})) / 1000000.0 as double)
{%- endmacro %}
