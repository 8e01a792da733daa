{# Day of the week of a date or timestamp, Monday = 1 to Sunday = 7 (ISO 8601). #}
{% macro weekday_number(date) -%}
    {{ return(adapter.dispatch('weekday_number')(date)) }}
{%- endmacro %}

{% macro default__weekday_number(date) -%}
    cast(extract(isodow from {{ date }}) as integer)
{%- endmacro %}

{% macro spark__weekday_number(date) -%}
    (weekday({{ date }}) + 1)
{%- endmacro %}
