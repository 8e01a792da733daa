{#
    Nothing vanishes: what the quarantine summary counts as accepted is what the fact holds, source by source. The raw tables that
    feed a source's order lines are found in the graph. Where there are several (heads and lines in two tables), no
    single count tells how many lines to expect, and the source is left to its own tests.
#}
{% set feeding_tables = ["''"] %}
{% if execute %}
    {% for source_name in sources_of('order_lines') %}
        {% set reached = ['model.' ~ project_name ~ '.stg_' ~ source_name ~ '__order_lines'] %}
        {% set tables = [] %}
        {# The list grows while it is walked, from a model to what it reads, down to the raw tables. #}
        {% for node_id in reached %}
            {% if node_id in graph.sources and graph.sources[node_id].name not in tables %}
                {% do tables.append(graph.sources[node_id].name) %}
            {% elif node_id in graph.nodes %}
                {% do reached.extend(graph.nodes[node_id].get('depends_on', {}).get('nodes', [])) %}
            {% endif %}
        {% endfor %}
        {% if tables | length == 1 %}
            {% do feeding_tables.append("'" ~ source_name ~ '.' ~ tables[0] ~ "'") %}
        {% endif %}
    {% endfor %}
{% endif %}

with accepted as (
    select
        source_system,
        accepted_row_count
    from {{ ref('quarantine_summary') }}
    where source_system || '.' || source_table in ({{ feeding_tables | join(', ') }})
),

held as (
    select
        source_system,
        count(*) as line_count
    from {{ ref('fct_order_lines') }}
    group by source_system
)

select
    accepted.source_system,
    accepted.accepted_row_count,
    held.line_count
from accepted
left join held on accepted.source_system = held.source_system
where accepted.accepted_row_count <> coalesce(held.line_count, 0)
