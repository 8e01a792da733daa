{#
    Connected components of an undirected graph, to any depth, by contraction: every node hands itself to the smallest
    of its neighbours, what is left is a smaller graph, and so on until no edge is left (Boegeholz, Brand and Todor:
    In-database connected component analysis, ICDE 2020). Each round puts the nodes in an order of its own. So each
    round about halves the edges of any graph, a chain as well as a hub, whatever its nodes are called.

    Writes `target_relation` with the columns node and component: one row per node, and as component the smallest node
    of the side of node_a that it has, in the order of texts, which is the same on every engine.

    edges_relation: the edges. An edge from a node to itself lets a lone node appear; edges without an end are left out.
    node_a, node_b: its two columns of text. It is faster where node_a holds what is linked by what node_b holds, as
    records are by identifiers; so a component is called by a record.
    scratch_prefix: `schema.name` for tables in between; work that runs at the same time needs another one.
    id_bits: bits of the numbers that stand for nodes. Fewer than 60 serve to test what happens when two are equal.
#}
{% macro contract_components(edges_relation, node_a, node_b, target_relation, scratch_prefix, id_bits=60) %}
    {% do start_scratch(scratch_prefix) %}
    {%- set components = component_rows(edges_relation, node_a, node_b, scratch_prefix, id_bits) -%}
    {% do run_query('drop table if exists ' ~ target_relation) %}
    {% do run_query('create table ' ~ target_relation ~ ' as ' ~ components.query) %}
    {% do end_scratch(scratch_prefix, components.scratch_tables) %}
{% endmacro %}


{#
    What `contract_components` writes, as a query, and the scratch tables that the query reads. Between `start_scratch`
    and `end_scratch`, for whoever makes the table in another way.
#}
{% macro component_rows(edges_relation, node_a, node_b, scratch_prefix, id_bits=60) %}
    {%- set tables = [] -%}
    {%- set attempt = namespace(is_unique=false) -%}
    {%- for salt in range(20) if not attempt.is_unique -%}
        {%- set nodes = scratch_table(scratch_prefix, 'nodes_' ~ salt) -%}
        {% do tables.append(nodes) %}
        {% do create_scratch_table(nodes, component_nodes(edges_relation, node_a, node_b, salt, id_bits)) %}
        {%- if run_query(count_of_equal_ids(nodes)).rows[0][0] == 0 -%}
            {%- set attempt.is_unique = true -%}
            {%- set attempt.salt = salt -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not attempt.is_unique -%}
        {{ exceptions.raise_compiler_error('Too few bits to tell the nodes of ' ~ edges_relation ~ ' apart.') }}
    {%- endif -%}
    {%- set nodes = tables[-1] -%}
    {% do create_scratch_table(
        scratch_table(scratch_prefix, 'round_0'),
        round_of_records(edges_relation, node_a, node_b, nodes, attempt.salt, id_bits)
    ) %}
    {%- set rounds = contract_rounds(scratch_prefix, id_bits) -%}
    {%- set labels = scratch_table(scratch_prefix, 'labels') -%}
    {% do create_scratch_table(labels, composed_rounds(rounds[1:])) %}
    {% do drop_scratch_tables(rounds) %}
    {%- set names = scratch_table(scratch_prefix, 'names') -%}
    {% do create_scratch_table(names, names_of_components(nodes, labels)) %}
    {{ return({'query': named_nodes(nodes, labels, names), 'scratch_tables': tables + [labels, names]}) }}
{% endmacro %}
