{# The queries of `span_customers`. #}


{# At first, every record that a link joins is a group of its own. #}
{% macro spanning_labels_at_first() %}
    select distinct
        customer_key,
        customer_key as label
    from {{ ref('int_customer_links__listed') }}
{% endmacro %}


{# The earliest link that leads out of each group, and to where; ranks are unique within a customer. #}
{% macro earliest_links(labels) %}
    with outgoing as (
        select
            links.customer_id,
            links.link_rank,
            labels_a.label as label_a,
            labels_b.label as label_b
        from {{ ref('int_customer_links__listed') }} as links
        inner join {{ labels }} as labels_a on links.first_customer_key = labels_a.customer_key
        inner join {{ labels }} as labels_b on links.customer_key = labels_b.customer_key
        where labels_a.label <> labels_b.label
    ),

    directed as (
        select customer_id, link_rank, label_a as label, label_b as other_label from outgoing
        union all
        select customer_id, link_rank, label_b as label, label_a as other_label from outgoing
    ),

    ranked as (
        select
            *,
            row_number() over (partition by label order by link_rank) as rank_of_label
        from directed
    )

    select
        label,
        other_label,
        customer_id,
        link_rank
    from ranked
    where rank_of_label = 1
{% endmacro %}


{# Two groups that chose the same link would follow each other: the one with the smaller name leads. #}
{% macro heads_at_first(hooks) %}
    select
        hooks.label,
        case
            when hooks.link_rank = others.link_rank and hooks.label < others.label then hooks.label
            else hooks.other_label
        end as head,
        false as is_last
    from {{ hooks }} as hooks
    inner join {{ hooks }} as others on hooks.other_label = others.label
{% endmacro %}


{# The head of the head of the head: four times as far. #}
{% macro farther_heads(heads) %}
    with twice as (
        select
            heads.label,
            farther.head
        from {{ heads }} as heads
        inner join {{ heads }} as farther on heads.head = farther.label
    ),

    four_times as (
        select
            twice.label,
            farther.head
        from twice
        inner join twice as farther on twice.head = farther.label
    )

    select
        four_times.label,
        four_times.head,
        four_times.head = next_heads.head as is_last
    from four_times
    inner join {{ heads }} as next_heads on four_times.head = next_heads.label
{% endmacro %}


{% macro labels_of_heads(labels, heads) %}
    select
        labels.customer_key,
        coalesce(heads.head, labels.label) as label
    from {{ labels }} as labels
    left join {{ heads }} as heads on labels.label = heads.label
{% endmacro %}


{# The links of the tree, in both directions, with those of each record in a ring: which comes after which. #}
{% macro spanning_arcs(hooks) %}
    with chosen as (
        {% for table in hooks %}
            select customer_id, link_rank from {{ table }}
            {% if not loop.last %}union{% endif %}
        {% endfor %}
    ),

    links as (
        select links.*
        from {{ ref('int_customer_links__listed') }} as links
        inner join chosen
            on
                links.customer_id = chosen.customer_id
                and links.link_rank = chosen.link_rank
    ),

    arcs as (
        select customer_id, first_customer_key as node, customer_key as neighbour, link_rank, linked_from from links
        union all
        select customer_id, customer_key as node, first_customer_key as neighbour, link_rank, linked_from from links
    )

    select
        arcs.*,
        lead(arcs.neighbour) over (partition by arcs.node order by arcs.link_rank) as next_neighbour,
        first_value(arcs.neighbour) over (partition by arcs.node order by arcs.link_rank) as first_neighbour,
        anchors.customer_key is not null as is_of_anchor
    from arcs
    left join {{ ref('int_records__anchored') }} as anchors
        on
            arcs.node = anchors.customer_key
            and anchors.is_latest_moment
            and anchors.is_anchor
{% endmacro %}


{#
    A tour along all arcs of a customer, which ends where it comes back to the anchor for the last time: the arc that
    comes after each one, and the number of arcs to the end as far as it is known.
#}
{% macro tour_at_first(arcs) %}
    select
        arcs.node,
        arcs.neighbour,
        case
            when back.next_neighbour is not null or not back.is_of_anchor then back.node
        end as next_node,
        case
            when back.next_neighbour is not null then back.next_neighbour
            when not back.is_of_anchor then back.first_neighbour
        end as next_neighbour,
        1 as arcs_to_end
    from {{ arcs }} as arcs
    inner join {{ arcs }} as back
        on
            arcs.neighbour = back.node
            and arcs.node = back.neighbour
{% endmacro %}


{# The tour in steps of double the length. #}
{% macro longer_tour(tour) %}
    select
        tour.node,
        tour.neighbour,
        farther.next_node,
        farther.next_neighbour,
        tour.arcs_to_end + coalesce(farther.arcs_to_end, 0) as arcs_to_end
    from {{ tour }} as tour
    left join {{ tour }} as farther
        on
            tour.next_node = farther.node
            and tour.next_neighbour = farther.neighbour
{% endmacro %}


{# Of the two arcs between two records, the tour takes the one away from the anchor first. #}
{% macro parents_of_records(tour, arcs) %}
    select
        arcs.customer_id,
        away.neighbour as customer_key,
        away.node as joined_to_customer_key,
        arcs.link_rank,
        arcs.linked_from,
        arcs.is_of_anchor as is_parent_anchor,
        -away.arcs_to_end as tour_rank
    from {{ tour }} as away
    inner join {{ tour }} as back
        on
            away.node = back.neighbour
            and away.neighbour = back.node
    inner join {{ arcs }} as arcs
        on
            away.node = arcs.node
            and away.neighbour = arcs.neighbour
    where away.arcs_to_end > back.arcs_to_end
{% endmacro %}


{# A record has come to the customer when the last link on its way to the anchor counted. #}
{% macro paths_at_first(parents) %}
    select
        customer_key,
        case when not is_parent_anchor then joined_to_customer_key end as ancestor,
        linked_from as joined_at
    from {{ parents }}
{% endmacro %}


{% macro longer_paths(paths) %}
    select
        paths.customer_key,
        farther.ancestor,
        greatest(paths.joined_at, coalesce(farther.joined_at, paths.joined_at)) as joined_at
    from {{ paths }} as paths
    left join {{ paths }} as farther on paths.ancestor = farther.customer_key
{% endmacro %}


{% macro spanning_tree(parents, paths) %}
    select
        parents.customer_id,
        parents.customer_key,
        parents.joined_to_customer_key,
        parents.link_rank,
        parents.tour_rank,
        paths.joined_at
    from {{ parents }} as parents
    inner join {{ paths }} as paths on parents.customer_key = paths.customer_key
{% endmacro %}
