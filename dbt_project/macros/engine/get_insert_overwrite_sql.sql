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
        {% do _drop_emptied_partitions(source_relation, target_relation, key, partition) %}
    {%- endif -%}
    insert overwrite table {{ target_relation }} partition ({{ partition }})
    select {{ columns }} from {{ source_relation }}
    {%- if key != partition %}
    union all
    select {{ columns }}
    from {{ target_relation }} as kept
    left anti join {{ source_relation }} as replacing on kept.{{ key }} = replacing.{{ key }}
    where
        kept.{{ partition }} in (
            select {{ partition }} from {{ source_relation }}
            union
            {{ _replaced_rows(source_relation, target_relation, key, 'old.' ~ partition) }}
        )
    {%- endif %}
{% endmacro %}


{# A partition that loses all its rows to others gets none by which it could be overwritten: it has to go. #}
{% macro _drop_emptied_partitions(source_relation, target_relation, key, partition) %}
    {%- set emptied = run_query(
        'select old.' ~ partition ~ ' from ' ~ target_relation ~ ' as old'
        ~ ' left join ' ~ source_relation ~ ' as new on old.' ~ key ~ ' = new.' ~ key
        ~ ' where old.' ~ partition ~ ' in ('
        ~ _replaced_rows(source_relation, target_relation, key, 'old.' ~ partition)
        ~ ') and old.' ~ partition ~ ' not in (select ' ~ partition ~ ' from ' ~ source_relation ~ ')'
        ~ ' group by old.' ~ partition ~ ' having count(*) = count(new.' ~ key ~ ')'
    ) -%}
    {%- for row in emptied.rows %}
        {% do run_query(
            'alter table ' ~ target_relation ~ ' drop partition (' ~ partition ~ " = '" ~ row[0] ~ "')"
        ) %}
    {%- endfor %}
{% endmacro %}


{% macro _replaced_rows(source_relation, target_relation, key, columns) -%}
    select {{ columns }} from {{ target_relation }} as old
    inner join {{ source_relation }} as new on old.{{ key }} = new.{{ key }}
{%- endmacro %}
