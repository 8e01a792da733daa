{#
    The rounds of a contraction. Each makes a scratch table from the one before, beginning with `round_0`, until one has
    no edge left. A round's table has rows of two kinds, all with numbers for nodes: where is_edge is false, node_a has
    handed itself to node_b; where it is true, an edge between node_a and node_b is left. Returns the tables, in order.
#}
{% macro contract_rounds(scratch_prefix, id_bits) %}
    {%- set rounds = [scratch_table(scratch_prefix, 'round_0')] -%}
    {%- set work = namespace(is_done=false) -%}
    {%- for number in range(1, 1000) if not work.is_done -%}
        {%- if run_query('select node_a from ' ~ rounds[-1] ~ ' where is_edge limit 1').rows | length -%}
            {%- set next_round = scratch_table(scratch_prefix, 'round_' ~ number) -%}
            {% do create_scratch_table(next_round, contraction_round(rounds[-1], 11 * number % id_bits, id_bits)) %}
            {% do rounds.append(next_round) %}
        {%- else -%}
            {%- set work.is_done = true -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(rounds) }}
{% endmacro %}


{# One round. The number of places by which the nodes' numbers are turned decides the order of the nodes. #}
{% macro contraction_round(previous_round, places, id_bits) %}
    {%- set smallest = 'least(' ~ rotated_bits('node', places, id_bits)
        ~ ', min(' ~ rotated_bits('neighbour', places, id_bits) ~ '))' -%}
    with neighbours as (
        select node_a as node, node_b as neighbour from {{ previous_round }} where is_edge
        union all
        select node_b as node, node_a as neighbour from {{ previous_round }} where is_edge
    ),

    smallest as (
        select node, {{ rotated_bits(smallest, id_bits - places, id_bits) }} as neighbour
        from neighbours
        group by node
    )

    select node as node_a, neighbour as node_b, false as is_edge from smallest
    union all
    select distinct
        least(a.neighbour, b.neighbour) as node_a,
        greatest(a.neighbour, b.neighbour) as node_b,
        true as is_edge
    from {{ previous_round }} as edges
    inner join smallest as a on edges.node_a = a.node
    inner join smallest as b on edges.node_b = b.node
    where edges.is_edge and a.neighbour <> b.neighbour
{% endmacro %}


{#
    A query for where each node has gone to by the last round (node, label). The last rounds are the small ones: they
    are joined first.
#}
{% macro composed_rounds(rounds) %}
    {%- set composed = namespace(query='select node_a as node, node_b as label from ' ~ rounds[-1] ~ ' where not is_edge')
        if rounds else namespace(query='select cast(0 as bigint) as node, cast(0 as bigint) as label where 1 = 0') -%}
    {%- for earlier_round in rounds[:-1] | reverse -%}
        {%- set composed.query -%}
            select earlier.node_a as node, coalesce(later.label, earlier.node_b) as label
            from {{ earlier_round }} as earlier
            left join ({{ composed.query }}) as later on earlier.node_b = later.node
            where not earlier.is_edge
        {%- endset -%}
    {%- endfor -%}
    {{ return(composed.query) }}
{% endmacro %}
