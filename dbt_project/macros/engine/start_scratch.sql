{#
    Makes room for the scratch tables of a prefix. On Spark a schema: with it goes whatever a killed run has left, also
    files of tables that the catalogue does not know of.
#}
{% macro start_scratch(prefix) -%}
    {% do adapter.dispatch('start_scratch')(prefix) %}
{%- endmacro %}

{% macro default__start_scratch(prefix) -%}{%- endmacro %}

{% macro spark__start_scratch(prefix) -%}
    {%- set schema_name = scratch_table(prefix, 'any').split('.')[0] -%}
    {% do run_query('drop database if exists ' ~ schema_name ~ ' cascade') %}
    {% do run_query('create database ' ~ schema_name) %}
{%- endmacro %}
