{# Drops the scratch tables of a prefix. #}
{% macro end_scratch(prefix, tables) -%}
    {% do adapter.dispatch('end_scratch')(prefix, tables) %}
{%- endmacro %}

{% macro default__end_scratch(prefix, tables) -%}
    {% do drop_scratch_tables(tables) %}
{%- endmacro %}

{% macro spark__end_scratch(prefix, tables) -%}
    {% do run_query('drop database if exists ' ~ scratch_table(prefix, 'any').split('.')[0] ~ ' cascade') %}
{%- endmacro %}
