{#
    The latest scores of every predictive model, whatever its grain: those of its last run that was published, each with
    its reasons spelt out.
#}
with runs as (
    select * from {{ source('ml', 'model_runs') }}
    where is_published
),

latest_runs as (
    select
        predictive_model,
        max_by(run_id, trained_at) as run_id
    from runs
    group by predictive_model
),

scores as (
    select scores.*
    from {{ source('ml', 'scores') }} as scores
    inner join latest_runs
        on scores.predictive_model = latest_runs.predictive_model and scores.run_id = latest_runs.run_id
),

reasons as (
    select score_reasons.*
    from {{ source('ml', 'score_reasons') }} as score_reasons
    inner join latest_runs
        on
            score_reasons.predictive_model = latest_runs.predictive_model
            and score_reasons.run_id = latest_runs.run_id
),

feature_labels as (
    select * from {{ ref('feature_labels') }}
),

worded_reasons as (
    select
        reasons.predictive_model,
        reasons.subject_id,
        reasons.reason_rank,
        coalesce(feature_labels.feature_label, reasons.feature_name)
        || ': '
        || case
            when reasons.feature_value is null then 'none'
            when reasons.feature_value = floor(reasons.feature_value)
                then cast(cast(reasons.feature_value as bigint) as {{ dbt.type_string() }})
            else cast({{ exact_amount('reasons.feature_value') }} as {{ dbt.type_string() }})
        end
        || case when reasons.contribution > 0 then ' (raises)' else ' (lowers)' end as reason
    from reasons
    left join feature_labels on reasons.feature_name = feature_labels.feature_name
),

pivoted_reasons as (
    select
        predictive_model,
        subject_id,
        max(case when reason_rank = 1 then reason end) as reason_1,
        max(case when reason_rank = 2 then reason end) as reason_2,
        max(case when reason_rank = 3 then reason end) as reason_3
    from worded_reasons
    group by
        predictive_model,
        subject_id
),

ranked as (
    select
        *,
        percent_rank() over (partition by predictive_model order by score desc) as score_rank
    from scores
),

final as (
    select
        ranked.predictive_model,
        ranked.grain,
        ranked.subject_id,
        ranked.as_of_date,
        ranked.run_id,
        ranked.score,
        ranked.score_lower,
        ranked.score_upper,
        ranked.score_unit,
        ranked.source_systems,
        ranked.score_rank,
        case
            when ranked.score_rank < 0.1 then 'high'
            when ranked.score_rank < 0.3 then 'medium'
            else 'low'
        end as score_band,
        pivoted_reasons.reason_1,
        pivoted_reasons.reason_2,
        pivoted_reasons.reason_3
    from ranked
    left join pivoted_reasons
        on
            ranked.predictive_model = pivoted_reasons.predictive_model
            and ranked.subject_id = pivoted_reasons.subject_id
)

select * from final
