{#
    Python writes links between records into the schema `matching`, and identity reads them back as a source. Before
    the first run there is nothing to read: the tables are made empty. The key comes last: where the engine keeps rows
    apart by it, it has to.
#}
{% macro create_matching_tables() %}
    {% set tables = {
        'record_links': 'customer_key_a string, customer_key_b string, match_probability double,
            match_weight double, is_above_threshold boolean, contradiction string, evidence string,
            model_id string, run_id string',
        'match_models': 'comparison string, level_rank bigint, level_title string, m_probability double,
            u_probability double, match_weight double, learnt_from string, prior_probability double,
            record_count bigint, trained_at timestamp, model_id string, run_id string',
    } %}
    {% do run_query('create schema if not exists matching') %}
    {% for name, columns in tables.items() %}
        {% do run_query(
            'create table if not exists matching.' ~ name ~ ' (' ~ columns ~ ', linkage string) '
            ~ partitioned_by(['linkage'])
        ) %}
    {% endfor %}
{% endmacro %}
