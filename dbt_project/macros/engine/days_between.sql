{# Whole days from one date to another. DuckDB subtracts dates; Spark has datediff(later, earlier). #}
{% macro days_between(earlier_date, later_date) -%}
    {{ return(adapter.dispatch('days_between')(earlier_date, later_date)) }}
{%- endmacro %}

{% macro default__days_between(earlier_date, later_date) -%}
    ({{ later_date }} - {{ earlier_date }})
{%- endmacro %}

{% macro spark__days_between(earlier_date, later_date) -%}
    datediff({{ later_date }}, {{ earlier_date }})
{%- endmacro %}
