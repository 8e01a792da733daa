{# Makes a scratch table from a query. A name is used once in a piece of work. #}
{% macro create_scratch_table(table, query) -%}
    {% do adapter.dispatch('create_scratch_table')(table, query) %}
{%- endmacro %}

{% macro default__create_scratch_table(table, query) -%}
    {% do run_query('create or replace temp table ' ~ table ~ ' as ' ~ query) %}
{%- endmacro %}

{% macro spark__create_scratch_table(table, query) -%}
    {% do run_query('create table ' ~ table ~ ' as ' ~ query) %}
{%- endmacro %}
