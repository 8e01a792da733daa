{# Drops scratch tables that are done with, to make room. Spark keeps them in files: they go with their schema. #}
{% macro drop_scratch_tables(tables) -%}
    {% do adapter.dispatch('drop_scratch_tables')(tables) %}
{%- endmacro %}

{% macro default__drop_scratch_tables(tables) -%}
    {%- for table in tables -%}
        {% do run_query('drop table if exists ' ~ table) %}
    {%- endfor -%}
{%- endmacro %}

{% macro spark__drop_scratch_tables(tables) -%}{%- endmacro %}
