{#
    Descriptions become comments of tables when a table is made. An incremental run finds them there, and where they
    have changed the build writes them after it. Leaving them takes a tenth off the time of one new day.
    DuckDB only: dbt-spark writes comments as it creates a table.
#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if not is_incremental() -%}
        {% do default__persist_docs(relation, model, for_relation, for_columns) %}
    {%- endif -%}
{%- endmacro %}
