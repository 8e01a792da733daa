{#
    The rounds of a contraction. Starts from the scratch table `edges_1` (node_a, node_b: numbers) and goes on until no
    edge is left. Returns `labels`, a query that gives each node the label of its component, and the `scratch_tables`
    that it reads.
#}
{% macro contract_rounds(scratch_prefix, id_bits) %}
    {%- set work = namespace(is_done=false) -%}
    {%- set rounds = [] -%}
    {%- for number in range(1, 1000) if not work.is_done -%}
        {%- set edges = scratch_table(scratch_prefix, 'edges_' ~ number) -%}
        {%- if run_query('select node_a from ' ~ edges ~ ' limit 1').rows | length -%}
            {%- set smallest = scratch_table(scratch_prefix, 'smallest_' ~ number) -%}
            {% do create_scratch_table(smallest, smallest_neighbours(edges, 11 * number % id_bits, id_bits)) %}
            {% do create_scratch_table(
                scratch_table(scratch_prefix, 'edges_' ~ (number + 1)), contracted_edges(edges, smallest)
            ) %}
            {% do rounds.append(smallest) %}
        {%- else -%}
            {%- set work.is_done = true -%}
        {%- endif -%}
        {% do drop_scratch_tables([edges]) %}
    {%- endfor -%}
    {{ return({'labels': composed_rounds(rounds), 'scratch_tables': rounds}) }}
{% endmacro %}


{# Each node and the smallest among its neighbours and itself, in an order that each number of places draws anew. #}
{% macro smallest_neighbours(edges, places, id_bits) %}
    {%- set smallest = 'least(' ~ rotated_bits('node', places, id_bits)
        ~ ', min(' ~ rotated_bits('neighbour', places, id_bits) ~ '))' -%}
    select node, {{ rotated_bits(smallest, id_bits - places, id_bits) }} as smallest_neighbour
    from (
        select node_a as node, node_b as neighbour from {{ edges }}
        union all
        select node_b as node, node_a as neighbour from {{ edges }}
    ) as both_ways
    group by node
{% endmacro %}


{# The edges among those that the nodes have handed themselves to. #}
{% macro contracted_edges(edges, smallest) %}
    select distinct
        least(a.smallest_neighbour, b.smallest_neighbour) as node_a,
        greatest(a.smallest_neighbour, b.smallest_neighbour) as node_b
    from {{ edges }} as edges
    inner join {{ smallest }} as a on edges.node_a = a.node
    inner join {{ smallest }} as b on edges.node_b = b.node
    where a.smallest_neighbour <> b.smallest_neighbour
{% endmacro %}


{#
    Whom each node of the first round has gone to by the last round (node, label). The last rounds are the small ones:
    they are joined first.
#}
{% macro composed_rounds(rounds) %}
    {%- set composed = namespace(query='select node, smallest_neighbour as label from ' ~ rounds[-1]) if rounds
        else namespace(query='select 0 as node, 0 as label where 1 = 0') -%}
    {%- for smallest in rounds[:-1] | reverse -%}
        {%- set composed.query -%}
            select earlier.node, coalesce(later.label, earlier.smallest_neighbour) as label
            from {{ smallest }} as earlier
            left join ({{ composed.query }}) as later on earlier.smallest_neighbour = later.node
        {%- endset -%}
    {%- endfor -%}
    {{ return(composed.query) }}
{% endmacro %}
