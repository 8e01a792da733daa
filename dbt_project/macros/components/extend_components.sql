{#
    Brings connected components up to date, in place, with what a full computation would give: new edges join
    components, and where edges have vanished, the components that they held together are computed again. Only these
    components and those at the ends of new edges are looked at; all others keep their rows.

    Components instead of nodes stand at the ends of the new edges: that makes a small graph, which is contracted.
    A component is called by its smallest record, so the smallest of those that come together is the name of all.

    components_relation: what `contract_components` has written (node, component).
    new_edges_relation: edges that were not there then (columns node_a and node_b); known ones do no harm.
    touched_nodes_relation: column node, at least one end of every edge that has vanished; none if none has.
    edges_relation: all edges that are there now; needed with touched nodes only.
    scratch_prefix, id_bits: as with `contract_components`.
#}
{% macro extend_components(
    components_relation, new_edges_relation, node_a, node_b, scratch_prefix,
    touched_nodes_relation=none, edges_relation=none, id_bits=60
) %}
    {% do start_scratch(scratch_prefix) %}
    {%- set work_edges = 'select ' ~ node_a ~ ' as node_a, ' ~ node_b ~ ' as node_b from ' ~ new_edges_relation -%}
    {%- set dissolved = none -%}
    {%- set scratch_tables = [] -%}
    {%- if touched_nodes_relation -%}
        {%- set dissolved = scratch_table(scratch_prefix, 'dissolved') -%}
        {% do create_scratch_table(dissolved, dissolved_nodes(components_relation, touched_nodes_relation)) %}
        {%- set work_edges = work_edges ~ ' union all select ' ~ node_a ~ ', ' ~ node_b ~ ' from ' ~ edges_relation
            ~ ' where ' ~ node_a ~ ' in (select node from ' ~ dissolved ~ ')' -%}
        {% do scratch_tables.append(dissolved) %}
    {%- endif -%}
    {%- set ends = scratch_table(scratch_prefix, 'ends') -%}
    {% do create_scratch_table(ends, ends_of_edges(work_edges, components_relation, dissolved)) %}
    {%- set merged = scratch_table(scratch_prefix, 'merged') -%}
    {%- set components = component_rows(lifted_edges(work_edges, ends), 'node_a', 'node_b', scratch_prefix, id_bits) -%}
    {% do create_scratch_table(merged, components.query) %}
    {% do patch_components(components_relation, dissolved, merged, ends, scratch_prefix) %}
    {% do end_scratch(scratch_prefix, scratch_tables + [ends, merged] + components.scratch_tables) %}
{% endmacro %}


{# The nodes of the components that an edge has vanished from. #}
{% macro dissolved_nodes(components_relation, touched_nodes_relation) %}
    select node
    from {{ components_relation }}
    where
        component in (
            select component
            from {{ components_relation }}
            where node in (select node from {{ touched_nodes_relation }})
        )
{% endmacro %}


{#
    The ends of edges and what stands for them in the small graph: a node's component, or the node itself where it has
    none yet (is_new).
#}
{% macro ends_of_edges(work_edges, components_relation, dissolved) %}
    with edges as (
        {{ work_edges }}
    ),

    nodes as (
        select node_a as node from edges where node_a is not null and node_b is not null
        union
        select node_b as node from edges where node_a is not null and node_b is not null
    ),

    kept as (
        select components.node, components.component
        from {{ components_relation }} as components
        inner join nodes on components.node = nodes.node
        {%- if dissolved %}
        where not exists (select 1 from {{ dissolved }} as dissolved where dissolved.node = components.node)
        {%- endif %}
    )

    select
        nodes.node,
        coalesce(kept.component, nodes.node) as component,
        kept.node is null as is_new
    from nodes
    left join kept on nodes.node = kept.node
{% endmacro %}


{#
    The small graph, as a relation. A component stands on the side of the records: it is called by one. What has become
    a record only now stands beside its component where it may lend it a smaller name.
#}
{% macro lifted_edges(work_edges, ends) -%}
    (
        select ends_a.component as node_a, ends_b.component as node_b
        from ({{ work_edges }}) as edges
        inner join {{ ends }} as ends_a on edges.node_a = ends_a.node
        inner join {{ ends }} as ends_b on edges.node_b = ends_b.node
        union all
        select component as node_a, component as node_b from {{ ends }} where not is_new
        union all
        select ends_a.node as node_a, ends_a.component as node_b
        from ({{ work_edges }}) as edges
        inner join {{ ends }} as ends_a on edges.node_a = ends_a.node
        where ends_a.node < ends_a.component
    )
{%- endmacro %}
