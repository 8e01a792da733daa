{#
    One row per node: its number (id), the smallest node among those that it has an edge to as node_a
    (smallest_neighbour, null where it has none), and whether it occurs on both sides.
#}
{% macro component_nodes(edges_relation, node_a, node_b, salt, id_bits) %}
    select
        node,
        {{ hashed_id('node', salt, id_bits) }} as id,
        min(neighbour) as smallest_neighbour,
        min(side) <> max(side) as is_on_both_sides
    from (
        select {{ node_a }} as node, {{ hashed_id(node_b, salt, id_bits) }} as neighbour, 1 as side
        from {{ edges_relation }}
        where {{ node_a }} is not null and {{ node_b }} is not null
        union all
        select {{ node_b }} as node, cast(null as bigint) as neighbour, 2 as side
        from {{ edges_relation }}
        where {{ node_a }} is not null and {{ node_b }} is not null
    ) as ends
    group by node
{% endmacro %}


{#
    The edges that are left once every node_a has handed itself to its smallest neighbour: among the nodes of one side
    only. A node on both sides stays one node by an edge of its own.
#}
{% macro edges_without_records(edges_relation, node_a, node_b, nodes, salt, id_bits) %}
    select distinct node_a, node_b
    from (
        select nodes.smallest_neighbour as node_a, edges.neighbour as node_b
        from (
            select
                {{ hashed_id(node_a, salt, id_bits) }} as node,
                {{ hashed_id(node_b, salt, id_bits) }} as neighbour
            from {{ edges_relation }}
            where {{ node_a }} is not null and {{ node_b }} is not null
        ) as edges
        inner join {{ nodes }} as nodes on edges.node = nodes.id
        union all
        select smallest_neighbour as node_a, id as node_b from {{ nodes }} where is_on_both_sides
    ) as contracted
    where node_a <> node_b
{% endmacro %}


{# Every node and the smallest node of its component. #}
{% macro labelled_nodes(nodes, labels) %}
    with labels as ({{ labels }}),

    labelled as (
        select
            nodes.node,
            coalesce(labels.label, nodes.smallest_neighbour, nodes.id) as label
        from {{ nodes }} as nodes
        left join labels on coalesce(nodes.smallest_neighbour, nodes.id) = labels.node
    ),

    smallest as (
        select label, min(node) as component from labelled group by label
    )

    select labelled.node, smallest.component
    from labelled
    inner join smallest on labelled.label = smallest.label
{% endmacro %}
