{# Drops the scratch tables of a prefix. #}
{% macro end_scratch(prefix, tables) -%}
    {% do adapter.dispatch('end_scratch')(prefix, tables) %}
{%- endmacro %}

{% macro default__end_scratch(prefix, tables) -%}
    {%- for table in tables -%}
        {% do run_query('drop table if exists ' ~ table) %}
    {%- endfor -%}
{%- endmacro %}

{% macro spark__end_scratch(prefix, tables) -%}
    {% do run_query('drop database if exists ' ~ scratch_table(prefix, 'any').split('.')[0] ~ ' cascade') %}
{%- endmacro %}
