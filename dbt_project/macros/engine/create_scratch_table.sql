{# Makes a scratch table; one that a killed run has left is replaced. #}
{% macro create_scratch_table(table, query) -%}
    {% do adapter.dispatch('create_scratch_table')(table, query) %}
{%- endmacro %}

{% macro default__create_scratch_table(table, query) -%}
    {% do run_query('create or replace temp table ' ~ table ~ ' as ' ~ query) %}
{%- endmacro %}

{% macro spark__create_scratch_table(table, query) -%}
    {% do run_query('drop table if exists ' ~ table) %}
    {% do run_query('create table ' ~ table ~ ' using parquet as ' ~ query) %}
{%- endmacro %}
