{#
    Writes into a table of components (node, component) what has changed. `dissolved` (node, or none): rows that go.
    `merged` (node, component): what a component's key has become. `ends` (node, component, is_new): the new nodes, and
    the keys by which they are found in `merged`. DuckDB changes these rows; Spark, which cannot without a lakehouse
    format, writes the table again.
#}
{% macro patch_components(components_relation, dissolved, merged, ends, scratch_prefix) -%}
    {% do adapter.dispatch('patch_components')(components_relation, dissolved, merged, ends, scratch_prefix) %}
{%- endmacro %}

{% macro default__patch_components(components_relation, dissolved, merged, ends, scratch_prefix) -%}
    {%- if dissolved -%}
        {% do run_query(
            'delete from ' ~ components_relation ~ ' where node in (select node from ' ~ dissolved ~ ')'
        ) %}
    {%- endif -%}
    {% do run_query(
        'update ' ~ components_relation ~ ' as components set component = merged.component from ' ~ merged
        ~ ' as merged where components.component = merged.node and merged.component <> merged.node'
    ) %}
    {% do run_query('insert into ' ~ components_relation ~ ' ' ~ _rows_of_new_nodes(merged, ends)) %}
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
