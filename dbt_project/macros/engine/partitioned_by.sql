{#
    What follows the columns of a `create table` to keep rows apart by the values of some columns, the last ones of the
    table. DuckDB has nothing of the kind; on Spark it is what makes rows replaceable without a table format.
#}
{% macro partitioned_by(column_names) -%}
    {{ return(adapter.dispatch('partitioned_by')(column_names)) }}
{%- endmacro %}

{% macro default__partitioned_by(column_names) -%}
    {{ return('') }}
{%- endmacro %}

{% macro spark__partitioned_by(column_names) -%}
    {%- set table_format = env_var('WAREHOUSE_SPARK_TABLE_FORMAT', '') or 'parquet' -%}
    {{ return('using ' ~ table_format ~ ' partitioned by (' ~ column_names | join(', ') ~ ')') }}
{%- endmacro %}
