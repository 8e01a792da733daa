{#
    Python writes links between records into the schema `matching`, and identity reads them back as a source. Before
    the first run there is nothing to read: the tables are made empty. The key comes last: where the engine keeps rows
    apart by it, it has to.
#}
{% macro create_matching_tables() %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set tables = {
        'record_links': 'customer_key_a string, customer_key_b string, match_probability double,
            match_weight double, is_above_threshold boolean, contradiction string, evidence string,
            model_id string, run_id string',
        'match_models': 'comparison string, level_rank bigint, level_title string, m_probability double,
            u_probability double, match_weight double, weight_deviation double, matched_pair_count double,
            learnt_from string, prior_probability double, record_count bigint, trained_at timestamp, model_id string,
            run_id string',
    } %}
    {% do run_query('create schema if not exists matching') %}
    {% for name, columns in tables.items() %}
        {% set create %}
            create table if not exists matching.{{ name }} ({{ columns }}, linkage string)
            {{ partitioned_by(['linkage']) }}
        {% endset %}
        {% do run_query(create) %}
        {# One that an earlier version made lacks columns; the next run writes all of its rows anyway. #}
        {% set found = run_query('select * from matching.' ~ name ~ ' where 1 = 0').column_names | list %}
        {% if columns.split(',') | length + 1 != found | length %}
            {% do run_query('drop table matching.' ~ name) %}
            {% do run_query(create) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
