{#
    Python writes scores and evaluations into the schema `ml`, and models read them back as a source. Before the first
    predictive model has run there is nothing to read: the tables are made empty, so that a plain build of a fresh
    warehouse works. The keys of a run come last: where the engine keeps rows apart by them, they have to.
#}
{% macro create_score_tables() %}
    {% do create_matching_tables() %}
    {% set tables = {
        'model_runs': 'trained_at timestamp, is_published boolean, verdict string, as_of_date date,
            training_row_count bigint, origin_count bigint, estimator string, features string, source_systems string',
        'model_backtests': 'origin_date date, candidate string, is_baseline boolean, metric string,
            metric_value double, row_count bigint, positive_count bigint',
        'model_calibration': 'bin_number bigint, row_count bigint, mean_predicted double, observed_share double',
        'model_slices': 'slice_name string, slice_value string, metric string, metric_value double, row_count bigint,
            positive_count bigint',
        'scores': 'grain string, subject_id string, as_of_date date, score double, score_lower double,
            score_upper double, score_unit string, source_systems string',
        'score_reasons': 'grain string, subject_id string, as_of_date date, reason_rank bigint, feature_name string,
            feature_value double, contribution double',
    } %}
    {% do run_query('create schema if not exists ml') %}
    {% for name, columns in tables.items() %}
        {% do run_query(
            'create table if not exists ml.' ~ name ~ ' (' ~ columns ~ ', predictive_model string, run_id string) '
            ~ partitioned_by(['predictive_model', 'run_id'])
        ) %}
    {% endfor %}
    {% do add_column_if_missing('ml', 'scores', 'source_systems', 'string') %}
{% endmacro %}


{# A table that Python writes may be older than one of its columns: what was written before is null there. #}
{% macro add_column_if_missing(schema, table, column, type) %}
    {% if execute %}
        {% set relation = api.Relation.create(database=target.database, schema=schema, identifier=table) %}
        {% if column not in adapter.get_columns_in_relation(relation) | map(attribute='name') %}
            {% do run_query('alter table ' ~ schema ~ '.' ~ table ~ ' add column ' ~ column ~ ' ' ~ type) %}
        {% endif %}
    {% endif %}
{% endmacro %}
