{#
    Spark without a table format: overwrites the partitions that new rows, or the old rows that they replace, are in.
    Takes the place of dbt-spark's own macro, which overwrites a partition with the new rows alone and so loses every
    row that stays as it was. Overwriting in dynamic mode writes beside the table and moves whole partitions in, so a
    query may read what it overwrites.
#}
{% macro get_insert_overwrite_sql(source_relation, target_relation, existing_relation) %}
    {%- set key = config.require('unique_key') -%}
    {%- set partition = config.require('partition_by')[0] -%}
    {%- set columns = adapter.get_columns_in_relation(target_relation) | map(attribute='quoted') | join(', ') -%}
    {%- if key != partition -%}
        {% do _drop_emptied_partitions(source_relation, target_relation, partition) %}
    {%- endif -%}
    insert overwrite table {{ target_relation }} partition ({{ partition }})
    select {{ columns }} from {{ source_relation }}
    {%- if key != partition %}
    union all
    select {{ columns }}
    from {{ target_relation }} as old_rows
    left anti join {{ source_relation }} as new_rows on {{ is_replaced() }}
    where
        old_rows.{{ partition }} in (
            select {{ partition }} from {{ source_relation }}
            union
            {{ _partitions_of_replaced_rows(source_relation, target_relation, partition) }}
        )
    {%- endif %}
{% endmacro %}


{# A partition that loses all its rows to others gets none by which it could be overwritten: it has to go. #}
{% macro _drop_emptied_partitions(source_relation, target_relation, partition) %}
    {%- set emptied = run_query(
        'select old_rows.' ~ partition ~ ' from ' ~ target_relation ~ ' as old_rows'
        ~ ' left join ' ~ source_relation ~ ' as new_rows on ' ~ is_replaced()
        ~ ' where old_rows.' ~ partition ~ ' in ('
        ~ _partitions_of_replaced_rows(source_relation, target_relation, partition)
        ~ ') and old_rows.' ~ partition ~ ' not in (select ' ~ partition ~ ' from ' ~ source_relation ~ ')'
        ~ ' group by old_rows.' ~ partition ~ ' having count(*) = count(new_rows.' ~ config.require('unique_key') ~ ')'
    ) -%}
    {%- set is_parquet = config.get('file_format', 'parquet') == 'parquet' -%}
    {%- for row in emptied.rows %}
        {% do run_query(
            ('alter table ' ~ target_relation ~ ' drop partition (' if is_parquet
            else 'delete from ' ~ target_relation ~ ' where (') ~ partition ~ " = '" ~ row[0] ~ "')"
        ) %}
    {%- endfor %}
{% endmacro %}


{% macro _partitions_of_replaced_rows(source_relation, target_relation, partition) -%}
    select old_rows.{{ partition }} from {{ target_relation }} as old_rows
    inner join {{ source_relation }} as new_rows on {{ is_replaced() }}
{%- endmacro %}
