{#
    Connected components of an undirected graph, to any depth, by contraction: every node hands itself to the
    smallest of its neighbours, what is left is a smaller graph, and so on until no edge is left (Boegeholz, Brand and
    Todor: In-database connected component analysis, ICDE 2020). The order of the nodes is drawn anew in each round:
    each round then halves the edges of any graph, a chain as well as a hub, whatever its nodes are called.

    Writes `target_relation` with the columns node and component: one row per node, and as component the smallest
    node of it in the order of texts. Text that is smallest is the same on every engine, so the result is as well.

    edges_relation: the edges; an edge from a node to itself lets a lone node appear; edges without an end are left out.
    node_a, node_b: its two columns of text. Contraction is cheaper where node_a holds what has several neighbours and
    node_b what they share, as records and identifiers do.
    scratch_prefix: `schema.name` for tables in between; work at the same time needs another one.
    id_bits: bits of the numbers that stand for nodes; less than 60 only to test what happens when two are the same.
#}
{% macro contract_components(edges_relation, node_a, node_b, target_relation, scratch_prefix, id_bits=60) %}
    {%- set labelled = component_rows(edges_relation, node_a, node_b, scratch_prefix, id_bits) -%}
    {% do run_query('drop table if exists ' ~ target_relation) %}
    {% do run_query('create table ' ~ target_relation ~ ' as ' ~ labelled.query) %}
    {% do drop_scratch_tables(labelled.scratch_tables) %}
{% endmacro %}


{#
    What `contract_components` writes, as a query: `query` for whoever makes the table, and `scratch_tables`, which the
    query reads and which have to be dropped after it.
#}
{% macro component_rows(edges_relation, node_a, node_b, scratch_prefix, id_bits=60) %}
    {%- set nodes = scratch_table(scratch_prefix, 'nodes') -%}
    {%- set edges = scratch_table(scratch_prefix, 'edges_1') -%}
    {%- set attempt = namespace(salt=0, clashes=1) -%}
    {%- for salt in range(20) if attempt.clashes -%}
        {%- set attempt.salt = salt -%}
        {% do create_scratch_table(nodes, component_nodes(edges_relation, node_a, node_b, salt, id_bits)) %}
        {%- set attempt.clashes = run_query('select count(*) - count(distinct id) from ' ~ nodes).rows[0][0] -%}
    {%- endfor -%}
    {%- if attempt.clashes -%}
        {{ exceptions.raise_compiler_error('No hash keeps the nodes of ' ~ edges_relation ~ ' apart.') }}
    {%- endif -%}
    {% do create_scratch_table(
        edges, edges_without_records(edges_relation, node_a, node_b, nodes, attempt.salt, id_bits)
    ) %}
    {%- set rounds = contract_rounds(scratch_prefix, id_bits) -%}
    {{ return({
        'query': labelled_nodes(nodes, rounds.labels),
        'scratch_tables': [nodes] + rounds.scratch_tables,
    }) }}
{% endmacro %}


{% macro drop_scratch_tables(tables) %}
    {%- for table in tables -%}
        {% do run_query('drop table if exists ' ~ table) %}
    {%- endfor -%}
{% endmacro %}
