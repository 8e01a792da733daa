{#
    Removes what a broken run left of tables that this run is going to make. Spark writes a table's files before its
    catalogue knows of it: where the server is killed in between, there are files without a table, and Spark refuses to
    create a managed table on top of them. DuckDB has transactions and leaves nothing.

    SQL cannot delete a folder, but dropping a table deletes its partitions, wherever they are: the folders become
    partitions of a table that is dropped. Nothing is done for tables that exist, so a run after the first asks
    nothing. Lakehouse formats replace tables themselves.

    sources: names of dbt sources whose tables are made besides the models and seeds of the run.
#}
{% macro clear_leftovers(sources=[]) %}
    {{ return(adapter.dispatch('clear_leftovers')(sources)) }}
{% endmacro %}


{% macro default__clear_leftovers(sources) %}{% endmacro %}


{% macro spark__clear_leftovers(sources) %}
    {%- set missing = {} -%}
    {%- if execute and (env_var('WAREHOUSE_SPARK_TABLE_FORMAT', '') or 'parquet') == 'parquet' -%}
        {%- for node in _tables_of_this_run(sources) -%}
            {%- set name = node.alias or node.identifier -%}
            {%- if adapter.get_relation(database=none, schema=node.schema, identifier=name) is none -%}
                {% do missing.setdefault(node.schema, []).append(name) %}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for schema_name, names in missing.items() -%}
        {% do _delete_folders(schema_name, names) %}
    {%- endfor -%}
{% endmacro %}


{% macro _tables_of_this_run(sources) %}
    {%- set found = [] -%}
    {%- for node in graph.nodes.values() if node.unique_id in selected_resources -%}
        {%- if node.config.materialized in ('table', 'incremental', 'seed', 'connected_components') -%}{% do found.append(node) %}{%- endif -%}
    {%- endfor -%}
    {{ return(found + graph.sources.values() | selectattr('source_name', 'in', sources) | list) }}
{% endmacro %}


{% macro _delete_folders(schema_name, names) %}
    {%- do adapter.create_schema(api.Relation.create(schema=schema_name)) -%}
    {%- set described = run_query('describe database ' ~ schema_name) -%}
    {%- set location = described.rows | selectattr(0, 'equalto', 'Location') | map(attribute=1) | first -%}
    {%- set leftovers = schema_name ~ '.leftovers_of_a_broken_run' -%}
    {%- set partitions = [] -%}
    {%- for name in names -%}
        {% do partitions.append("partition (table_name = '" ~ name ~ "') location '" ~ location ~ '/' ~ name ~ "'") %}
    {%- endfor -%}
    {% do run_query('drop table if exists ' ~ leftovers) %}
    {% do run_query(
        'create table ' ~ leftovers ~ ' (nothing int, table_name string) using parquet partitioned by (table_name)'
    ) %}
    {% do run_query('alter table ' ~ leftovers ~ ' add ' ~ partitions | join(' ')) %}
    {% do run_query('drop table ' ~ leftovers) %}
{% endmacro %}
