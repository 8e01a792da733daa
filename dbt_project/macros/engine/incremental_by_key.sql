{#
    How an incremental model replaces what it holds, as arguments of `config`: the one place that decides. New rows
    take the place of those with the same key.

    DuckDB deletes and inserts. Spark has no delete without a table format: whole partitions are overwritten, which
    `get_insert_overwrite_sql` makes safe for rows that keep their place. Where the cluster has a lakehouse format
    (WAREHOUSE_SPARK_TABLE_FORMAT), it merges.

    unique_key: the column that new rows replace old ones by. partition_by: the column, last in the model, by which
    Spark keeps the rows apart.
#}
{% macro incremental_by_key(unique_key, partition_by) -%}
    {{ return(adapter.dispatch('incremental_by_key')(unique_key, partition_by)) }}
{%- endmacro %}

{% macro default__incremental_by_key(unique_key, partition_by) -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'delete+insert',
        'unique_key': unique_key,
        'on_schema_change': 'fail',
    }) }}
{%- endmacro %}

{% macro spark__incremental_by_key(unique_key, partition_by) -%}
    {%- set table_format = env_var('WAREHOUSE_SPARK_TABLE_FORMAT', '') or 'parquet' -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'insert_overwrite' if table_format == 'parquet' else 'merge',
        'file_format': table_format,
        'unique_key': unique_key,
        'partition_by': [partition_by],
        'on_schema_change': 'fail',
    }) }}
{%- endmacro %}
