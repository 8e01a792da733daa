{# The date a number of days after another (before it, where negative). #}
{% macro days_after(date, day_count) -%}
    {{ return(adapter.dispatch('days_after')(date, day_count)) }}
{%- endmacro %}

{% macro default__days_after(date, day_count) -%}
    ({{ date }} + cast({{ day_count }} as integer))
{%- endmacro %}

{% macro spark__days_after(date, day_count) -%}
    date_add({{ date }}, cast({{ day_count }} as int))
{%- endmacro %}
