{#
    Writes into a table of components (node, component) what has changed. `dissolved` (node, or none): rows that go.
    `merged` (node, component): what a component's name has become. `ends` (node, component, is_new): the new nodes, and
    the names by which they are found in `merged`. DuckDB takes the rows that change out and puts them in again, all at
    once: it does that faster than it updates them in place. Spark, which cannot without a lakehouse format, writes the
    table again.
#}
{% macro patch_components(components_relation, dissolved, merged, ends, scratch_prefix) -%}
    {% do adapter.dispatch('patch_components')(components_relation, dissolved, merged, ends, scratch_prefix) %}
{%- endmacro %}

{% macro default__patch_components(components_relation, dissolved, merged, ends, scratch_prefix) -%}
    {%- set moved = scratch_table(scratch_prefix, 'moved') -%}
    {%- set query -%}
        select components.rowid as row_number, components.node, merged.component
        from {{ components_relation }} as components
        inner join {{ merged }} as merged on components.component = merged.node
        where merged.component <> merged.node
        {%- if dissolved %} and components.node not in (select node from {{ dissolved }}){% endif %}
    {%- endset -%}
    {% do create_scratch_table(moved, query) %}
    {% do run_query('begin transaction') %}
    {%- if dissolved -%}
        {% do run_query(
            'delete from ' ~ components_relation ~ ' where node in (select node from ' ~ dissolved ~ ')'
        ) %}
    {%- endif -%}
    {% do run_query(
        'delete from ' ~ components_relation ~ ' where rowid in (select row_number from ' ~ moved ~ ')'
    ) %}
    {% do run_query(
        'insert into ' ~ components_relation ~ ' (node, component) select node, component from ' ~ moved
        ~ ' union all ' ~ _rows_of_new_nodes(merged, ends)
    ) %}
    {% do run_query('commit') %}
    {% do drop_scratch_tables([moved]) %}
{%- endmacro %}

{% macro spark__patch_components(components_relation, dissolved, merged, ends, scratch_prefix) -%}
    {%- set patched = scratch_table(scratch_prefix, 'patched') -%}
    {%- set query -%}
        select components.node, coalesce(merged.component, components.component) as component
        from {{ components_relation }} as components
        left join {{ merged }} as merged on components.component = merged.node
        {%- if dissolved %}
        where components.node not in (select node from {{ dissolved }})
        {%- endif %}
        union all
        {{ _rows_of_new_nodes(merged, ends) }}
    {%- endset -%}
    {% do create_scratch_table(patched, query) %}
    {% do run_query('insert overwrite table ' ~ components_relation ~ ' select node, component from ' ~ patched) %}
{%- endmacro %}


{% macro _rows_of_new_nodes(merged, ends) -%}
    select ends.node, merged.component
    from {{ ends }} as ends
    inner join {{ merged }} as merged on ends.component = merged.node
    where ends.is_new
{%- endmacro %}
