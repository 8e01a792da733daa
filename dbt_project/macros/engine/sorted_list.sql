{# The different values of a text column over a group, in order, separated by commas. #}
{% macro sorted_list(column_name) -%}
    {{ return(adapter.dispatch('sorted_list')(column_name)) }}
{%- endmacro %}

{% macro default__sorted_list(column_name) -%}
    string_agg(distinct {{ column_name }}, ', ' order by {{ column_name }})
{%- endmacro %}

{% macro spark__sorted_list(column_name) -%}
    array_join(sort_array(collect_set({{ column_name }})), ', ')
{%- endmacro %}
