{#
    Tables that live no longer than the work of one macro. DuckDB has temporary ones, which it forgets with the
    connection. Spark has none: they are tables of the warehouse, gone once they are dropped.

    prefix: `schema.name` of what the work is for; no two pieces of work that run at the same time may share it.
#}
{% macro scratch_table(prefix, name) -%}
    {{ return(adapter.dispatch('scratch_table')(prefix, name)) }}
{%- endmacro %}

{% macro default__scratch_table(prefix, name) -%}
    {{ return((prefix ~ '__' ~ name) | replace('.', '__')) }}
{%- endmacro %}

{% macro spark__scratch_table(prefix, name) -%}
    {{ return(prefix ~ '__' ~ name) }}
{%- endmacro %}


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
