{#
    The part of a text between two delimiters, counted from 1; empty if there are fewer. Both engines have split_part();
    dbt's own macro of that name takes an element of an array on Spark, which fails where there are fewer.
#}
{% macro text_part(column_name, delimiter, number) -%}
    {{ return(adapter.dispatch('text_part')(column_name, delimiter, number)) }}
{%- endmacro %}

{% macro default__text_part(column_name, delimiter, number) -%}
    split_part({{ column_name }}, '{{ delimiter }}', {{ number }})
{%- endmacro %}

{% macro spark__text_part(column_name, delimiter, number) -%}
    split_part({{ column_name }}, '{{ delimiter }}', {{ number }})
{%- endmacro %}
