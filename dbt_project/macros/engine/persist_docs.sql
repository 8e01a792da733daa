{#
    Descriptions become comments of tables when a table is made. An incremental run finds them there, and where they
    have changed the build writes them after it. Leaving them takes a tenth off the time of one new day. dbt-spark
    writes a table's own as it creates it.
#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if not is_incremental() -%}
        {% do default__persist_docs(relation, model, for_relation, for_columns) %}
    {%- endif -%}
{%- endmacro %}


{#
    Columns of views get theirs as the view is created. Those of tables can be written by a lakehouse format alone, and
    dbt would ask the catalogue for the columns of any other table in vain.
#}
{% macro spark__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if config.get('file_format', 'parquet') != 'parquet' -%}
        {% do dbt_spark.spark__persist_docs(relation, model, for_relation, for_columns) %}
    {%- endif -%}
{%- endmacro %}
