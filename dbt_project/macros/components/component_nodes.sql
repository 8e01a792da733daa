{#
    The nodes of a graph and a number for each (id): one row per node. A node of the side of node_b, what records share,
    has the smallest record that it has an edge to (smallest_record).
#}
{% macro component_nodes(edges_relation, node_a, node_b, salt, id_bits) %}
    with ends as (
        select {{ node_a }} as node, 1 as is_record, cast(null as bigint) as neighbour
        from {{ edges_relation }}
        where {{ node_a }} is not null and {{ node_b }} is not null
        union all
        select {{ node_b }} as node, 0 as is_record, {{ hashed_id(node_a, salt, id_bits) }} as neighbour
        from {{ edges_relation }}
        where {{ node_a }} is not null and {{ node_b }} is not null
    )

    select
        node,
        {{ hashed_id('node', salt, id_bits) }} as id,
        max(is_record) = 1 as is_record,
        min(neighbour) as smallest_record
    from ends
    group by node
{% endmacro %}


{# How many nodes share a number with another one: then they cannot be told apart. #}
{% macro count_of_equal_ids(nodes) %}
    select count(*) - count(distinct id) as equal_ids from {{ nodes }}
{% endmacro %}


{#
    The first round: whatever records share hands itself to the smallest of them, and edges are left only among
    records. What a single record has is gone with it. A record that others share too, a node on both sides, stays one
    node by an edge to what it handed itself to.
#}
{% macro round_of_records(edges_relation, node_a, node_b, nodes, salt, id_bits) %}
    with shared as (
        select id, smallest_record, is_record from {{ nodes }} where smallest_record is not null
    ),

    edges as (
        select {{ hashed_id('links.' ~ node_a, salt, id_bits) }} as node_a, shared.smallest_record as node_b
        from {{ edges_relation }} as links
        inner join shared on {{ hashed_id('links.' ~ node_b, salt, id_bits) }} = shared.id
        where links.{{ node_a }} is not null and links.{{ node_b }} is not null
        union all
        select id as node_a, smallest_record as node_b from shared where is_record
    )

    select distinct node_a, node_b, true as is_edge from edges where node_a <> node_b
{% endmacro %}


{# What every component is called: the smallest of its records. A record without a label is its own. #}
{% macro names_of_components(nodes, labels) %}
    select coalesce(labels.label, nodes.id) as label, min(nodes.node) as component
    from {{ nodes }} as nodes
    left join {{ labels }} as labels on nodes.id = labels.node
    where nodes.is_record
    group by coalesce(labels.label, nodes.id)
{% endmacro %}


{# Every node and the name of its component. #}
{% macro named_nodes(nodes, labels, names) %}
    with records as (
        select node, case when is_record then id else smallest_record end as id from {{ nodes }}
    )

    select records.node, names.component
    from records
    left join {{ labels }} as labels on records.id = labels.node
    inner join {{ names }} as names on coalesce(labels.label, records.id) = names.label
{% endmacro %}
