{#
    The latest scores of all predictive models of a grain side by side, one row per scored subject: for each model its
    score with bounds, the band, the main reasons in words, and the date. Which models there are follows from the label
    models of the grain: each names in its `meta.predictive_model` the one that learns it.

    grain: customers, leads or sessions. key_column: what the subject is called.
#}
{% macro wide_scores(grain, key_column) %}
    {% set names = [] %}
    {% if execute and graph.nodes is defined %}
        {% for node in graph.nodes.values() if node.name.startswith('label_' ~ grain ~ '__') %}
            {% do names.append(node.config.meta.get('predictive_model')) %}
        {% endfor %}
    {% endif %}
    select
        {% for name in names | select | sort %}
            {% for column in ['score', 'score_lower', 'score_upper', 'score_band'] %}
                max(case when predictive_model = '{{ name }}' then {{ column }} end)
                    as {{ name }}_{{ column.removeprefix('score_') }},
            {% endfor %}
            {% for column in ['reason_1', 'reason_2', 'reason_3', 'as_of_date'] %}
                max(case when predictive_model = '{{ name }}' then {{ column }} end) as {{ name }}_{{ column }},
            {% endfor %}
        {% endfor %}
        subject_id as {{ key_column }}
    from {{ ref('int_scores__latest') }}
    where grain = '{{ grain }}'
    group by subject_id
{% endmacro %}
