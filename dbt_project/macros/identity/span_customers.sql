{#
    In which order the records of each customer came together: of all ways to connect them, the one by the earliest
    links, of links as early the strongest (a minimum spanning tree, by Boruvka's rounds), told from the anchor on.

    Runs before the model `fct_customer_build_steps`, which reads the table that it leaves: `tree` (customer_id,
    customer_key, joined_to_customer_key, link_rank, joined_at, tour_rank; one row per record that is not an anchor).
    A record's parent comes before it by (joined_at, tour_rank). The number of statements grows with the logarithm of
    the largest customer, not with its length: a chain of 1,000 records takes no more than some dozens.
#}
{% macro span_customers(prefix) %}
    {%- if execute -%}
        {% do start_scratch(prefix) %}
        {% do create_scratch_table(scratch_table(prefix, 'labels_0'), spanning_labels_at_first()) %}
        {%- set hooks = _hook_until_joined(prefix) -%}
        {% do create_scratch_table(scratch_table(prefix, 'arcs'), spanning_arcs(hooks)) %}
        {%- set tour = repeat_until_done(
            prefix, 'tour', tour_at_first(scratch_table(prefix, 'arcs')), longer_tour, 'next_node is not null'
        ) -%}
        {%- set parents = scratch_table(prefix, 'parents') -%}
        {% do create_scratch_table(parents, parents_of_records(tour, scratch_table(prefix, 'arcs'))) %}
        {%- set paths = repeat_until_done(
            prefix, 'paths', paths_at_first(parents), longer_paths, 'ancestor is not null'
        ) -%}
        {% do create_scratch_table(scratch_table(prefix, 'tree'), spanning_tree(parents, paths)) %}
    {%- endif -%}
{% endmacro %}


{% macro drop_spanning(prefix) %}
    {%- if execute -%}{% do end_scratch(prefix, [scratch_table(prefix, 'tree')]) %}{%- endif -%}
{% endmacro %}


{# Every group of joined records joins the one that its earliest link leads to, until each customer is one group. #}
{% macro _hook_until_joined(prefix) %}
    {%- set all_hooks = [] -%}
    {%- set work = namespace(is_done=false, labels=scratch_table(prefix, 'labels_0')) -%}
    {%- for number in range(1, 100) if not work.is_done -%}
        {%- set hooks = scratch_table(prefix, 'hooks_' ~ number) -%}
        {% do create_scratch_table(hooks, earliest_links(work.labels)) %}
        {%- if run_query('select label from ' ~ hooks ~ ' limit 1').rows | length == 0 -%}
            {%- set work.is_done = true -%}
        {%- else -%}
            {%- set heads = repeat_until_done(
                prefix, 'heads_' ~ number, heads_at_first(hooks), farther_heads, 'not is_last'
            ) -%}
            {%- set next_labels = scratch_table(prefix, 'labels_' ~ number) -%}
            {% do create_scratch_table(next_labels, labels_of_heads(work.labels, heads)) %}
            {%- set work.labels = next_labels -%}
        {%- endif -%}
        {% do all_hooks.append(hooks) %}
    {%- endfor -%}
    {{ return(all_hooks) }}
{% endmacro %}


{#
    Makes a scratch table, then others from it, one from the other, until none of its rows is unfinished. Returns the
    last one. next_query: macro that gives the query of the next table from the name of the one before.
#}
{% macro repeat_until_done(prefix, name, first_query, next_query, unfinished) %}
    {%- set work = namespace(is_done=false, table=scratch_table(prefix, name ~ '__0')) -%}
    {% do create_scratch_table(work.table, first_query) %}
    {%- for number in range(1, 100) if not work.is_done -%}
        {%- if run_query('select 1 from ' ~ work.table ~ ' where ' ~ unfinished ~ ' limit 1').rows | length -%}
            {%- set next_table = scratch_table(prefix, name ~ '__' ~ number) -%}
            {% do create_scratch_table(next_table, next_query(work.table)) %}
            {%- set work.table = next_table -%}
        {%- else -%}
            {%- set work.is_done = true -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(work.table) }}
{% endmacro %}
