{#
    How an incremental model replaces what it holds, as arguments of `config`: the one place that decides. New rows
    take the place of those with the same key.

    DuckDB deletes and inserts. Spark has no delete without a table format: whole partitions are overwritten, which
    `get_insert_overwrite_sql` makes safe for rows that keep their place. Where the cluster has a lakehouse format
    (WAREHOUSE_SPARK_TABLE_FORMAT), it merges; but not rows with a stretch, as a merge takes one row for one row.

    unique_key: the column that new rows replace old ones by. partition_by: the column, last in the model, by which
    Spark keeps the rows apart. stretch: where many rows share a key, the columns with the first and the last moment of a
    row. A new row then replaces only those old rows of its key that begin within its own stretch.
#}
{% macro incremental_by_key(unique_key, partition_by, stretch=none) -%}
    {%- set settings = adapter.dispatch('incremental_by_key')(unique_key, partition_by, stretch) -%}
    {%- if stretch -%}
        {%- do settings.update({'incremental_predicates': [
            'old_rows.' ~ stretch[0] ~ ' between new_rows.' ~ stretch[0] ~ ' and new_rows.' ~ stretch[1]
        ]}) -%}
    {%- endif -%}
    {{ return(settings) }}
{%- endmacro %}

{% macro default__incremental_by_key(unique_key, partition_by, stretch) -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'delete+insert',
        'unique_key': unique_key,
        'on_schema_change': 'fail',
    }) }}
{%- endmacro %}

{% macro spark__incremental_by_key(unique_key, partition_by, stretch) -%}
    {%- set table_format = env_var('WAREHOUSE_SPARK_TABLE_FORMAT', '') or 'parquet' -%}
    {{ return({
        'materialized': 'incremental',
        'incremental_strategy': 'insert_overwrite' if stretch or table_format == 'parquet' else 'merge',
        'file_format': table_format,
        'unique_key': unique_key,
        'partition_by': [partition_by],
        'on_schema_change': 'fail',
    }) }}
{%- endmacro %}
