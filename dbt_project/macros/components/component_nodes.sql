{#
    The nodes of a graph and a number for each (id): one row per node and side. A node of the side of node_a, a record,
    has the smallest node that it has an edge to (smallest_neighbour).
#}
{% macro component_nodes(edges_relation, node_a, node_b, salt, id_bits) %}
    with edges as (
        select {{ node_a }} as node_a, {{ node_b }} as node_b
        from {{ edges_relation }}
        where {{ node_a }} is not null and {{ node_b }} is not null
    )

    select
        node_a as node,
        true as is_record,
        {{ hashed_id('node_a', salt, id_bits) }} as id,
        min({{ hashed_id('node_b', salt, id_bits) }}) as smallest_neighbour
    from edges
    group by node_a
    union all
    select
        node,
        false as is_record,
        {{ hashed_id('node', salt, id_bits) }} as id,
        cast(null as bigint) as smallest_neighbour
    from (select distinct node_b as node from edges) as others
{% endmacro %}


{# How many nodes share a number with another one of their side: then they cannot be told apart. #}
{% macro count_of_equal_ids(nodes) %}
    select
        count(*)
        - count(distinct case when is_record then id end)
        - count(distinct case when not is_record then id end) as equal_ids
    from {{ nodes }}
{% endmacro %}


{#
    The first round: every record hands itself to its smallest neighbour, and edges are left only among nodes of the
    other side. A node on both sides stays one node by an edge between what it handed itself to and what it is as
    such; only these records are listed.
#}
{% macro round_without_records(edges_relation, node_a, node_b, nodes, salt, id_bits) %}
    with edges as (
        select
            {{ hashed_id(node_a, salt, id_bits) }} as node_a,
            {{ hashed_id(node_b, salt, id_bits) }} as node_b
        from {{ edges_relation }}
        where {{ node_a }} is not null and {{ node_b }} is not null
    ),

    records as (
        select id, node, smallest_neighbour from {{ nodes }} where is_record
    ),

    on_both_sides as (
        select records.id, records.smallest_neighbour
        from records
        inner join {{ nodes }} as others on records.id = others.id and records.node = others.node
        where not others.is_record
    ),

    contracted as (
        select records.smallest_neighbour as node_a, edges.node_b
        from edges
        inner join records on edges.node_a = records.id
        union all
        select smallest_neighbour as node_a, id as node_b from on_both_sides
    )

    select distinct node_a, node_b, true as is_edge from contracted where node_a <> node_b
    union all
    select id as node_a, smallest_neighbour as node_b, false as is_edge from on_both_sides
{% endmacro %}


{# Every node and the smallest node of its component, by the labels that the rounds have ended with. #}
{% macro labelled_nodes(nodes, first_round, labels) %}
    with labels as (
        {{ labels }}
    ),

    labelled as (
        select nodes.node, coalesce(labels.label, nodes.smallest_neighbour, nodes.id) as label
        from {{ nodes }} as nodes
        left join labels on coalesce(nodes.smallest_neighbour, nodes.id) = labels.node
        where
            nodes.is_record
            or not exists (
                select 1 from {{ first_round }} as records where not records.is_edge and records.node_a = nodes.id
            )
    ),

    smallest as (
        select label, min(node) as component from labelled group by label
    )

    select labelled.node, smallest.component
    from labelled
    inner join smallest on labelled.label = smallest.label
{% endmacro %}
