{#
    Takes apart the groups of linked records that contradict themselves: rules are applied again, strongest first, and a
    rule never joins what contradicts. Starts with every record on its own. What strong rules have joined stays together;
    weaker ones add to it.

    With each priority, a value that is shared by records that contradict each other links nobody, unless names alone
    tell its users apart: then those of one name are linked, and records without a name are not, because nobody knows
    whose they are. Where all values look harmless one by one and yet join what contradicts, none of the links of that
    priority within the joined group counts.

    Runs before the model `int_records__resolved`, which reads the table that it leaves: `labels` (record_node, label).
    Groups without a contradiction are not looked at. The number of statements depends on the number of priorities,
    not on the rows.
#}
{% macro resolve_contradictions(prefix) %}
    {%- if execute -%}{% do _resolve_contradictions(prefix) %}{%- endif -%}
{% endmacro %}


{% macro _resolve_contradictions(prefix) %}
    {% do start_scratch(prefix) %}
    {%- set table = {'links': scratch_table(prefix, 'links'), 'facts': scratch_table(prefix, 'facts')} -%}
    {%- set labels = [scratch_table(prefix, 'labels_at_first')] -%}
    {% do create_scratch_table(table.links, _links_of_contradicting_groups()) %}
    {% do create_scratch_table(table.facts, _facts_of_contradicting_groups()) %}
    {% do create_scratch_table(
        labels[0], 'select distinct record_node, record_node as label from ' ~ table.links
    ) %}
    {%- set priorities = run_query(
        'select priority, max(case when is_checked_by_person then 1 else 0 end) as is_checked_by_person from '
        ~ table.links ~ ' group by priority order by priority'
    ) -%}
    {%- for row in priorities.rows -%}
        {% do table.update({'labels': labels[-1]}) %}
        {% do labels.append(
            _apply_priority(prefix, table, row[0], _contradictions_that_count(row[0], row[1]))
        ) %}
    {%- endfor -%}
    {% do create_scratch_table(scratch_table(prefix, 'labels'), 'select * from ' ~ labels[-1]) %}
{% endmacro %}


{#
    What a person decided to link (priority 0) only another decision can contradict; what is checked by person also the
    name and the birth date; all else at least decisions and exclusive identifiers.
#}
{% macro _contradictions_that_count(priority, is_checked_by_person) %}
    {%- set condition -%}
        {%- if priority == 0 -%} fact_type like 'decision:%'
        {%- elif is_checked_by_person -%} 1 = 1
        {%- else -%} fact_type not in ('name', 'birth_date')
        {%- endif -%}
    {%- endset -%}
    {{ return('(select * from ' ~ ref('int_contradictions__found') ~ ' where ' ~ condition ~ ')') }}
{% endmacro %}


{% macro drop_resolution(prefix) %}
    {%- if execute -%}{% do end_scratch(prefix, [scratch_table(prefix, 'labels')]) %}{%- endif -%}
{% endmacro %}


{% macro _links_of_contradicting_groups() %}
    select
        links.record_node,
        links.value_node,
        links.priority,
        links.is_checked_by_person
    from {{ ref('int_links__by_moment') }} as links
    inner join {{ ref('int_records__connected') }} as connected on links.record_node = connected.node
    where connected.component in (select component from {{ ref('int_contradictions__found') }})
{% endmacro %}


{% macro _facts_of_contradicting_groups() %}
    select
        record_node,
        component,
        fact_type,
        fact_value
    from {{ ref('int_facts__by_moment') }}
    where component in (select component from {{ ref('int_contradictions__found') }})
{% endmacro %}


{# One round: what the links of a priority join. Returns the table of the labels after it. #}
{% macro _apply_priority(prefix, table, priority, contradictions) %}
    {%- set step = {} -%}
    {%- for name in ['shared', 'edges', 'joined', 'broken', 'labels'] -%}
        {% do step.update({name: scratch_table(prefix, name ~ '_' ~ priority)}) %}
    {%- endfor -%}
    {% do create_scratch_table(step.shared, judged_values(table, priority, contradictions)) %}
    {% do create_scratch_table(step.edges, edges_of_values(step.shared)) %}
    {% do contract_components(step.edges, 'label', 'value_part', step.joined, prefix ~ '_joining') %}
    {% do create_scratch_table(step.broken, broken_groups(table, step.joined, contradictions)) %}
    {% do create_scratch_table(step.labels, joined_labels(table, step)) %}
    {% do run_query('drop table ' ~ step.joined) %}
    {{ return(step.labels) }}
{% endmacro %}
