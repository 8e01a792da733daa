{# DuckDB: as dbt-duckdb's own macro, with names for the two sides, so that `is_replaced` can compare them. #}
{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) %}
    {%- set columns = dest_columns | map(attribute='quoted') | join(', ') -%}
    delete from {{ target }} as old_rows
    using {{ source }} as new_rows
    where {{ is_replaced() }};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ source }}
{% endmacro %}
