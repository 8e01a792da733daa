{#
    The names of a query's columns, in order. dbt runs the query without rows, which plans it through all views below
    it; Spark can say what a query has without planning it. It is asked for every view, to write its columns' comments.
#}
{% macro spark__get_columns_in_query(select_sql) -%}
    {% call statement('get_columns_in_query', fetch_result=True, auto_begin=False) -%}
        describe query {{ select_sql }}
    {%- endcall %}
    {{ return(load_result('get_columns_in_query').table.columns[0].values() | list) }}
{%- endmacro %}
