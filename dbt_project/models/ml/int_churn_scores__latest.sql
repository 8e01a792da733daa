{# The scores of the last run that was published, one row per customer, with its reasons spelt out. #}
with runs as (
    select * from {{ source('ml', 'model_runs') }}
    where predictive_model = 'churn' and is_published
),

latest_run as (
    select max_by(run_id, trained_at) as run_id
    from runs
),

scores as (
    select scores.*
    from {{ source('ml', 'scores') }} as scores
    inner join latest_run on scores.run_id = latest_run.run_id
    where scores.predictive_model = 'churn'
),

reasons as (
    select score_reasons.*
    from {{ source('ml', 'score_reasons') }} as score_reasons
    inner join latest_run on score_reasons.run_id = latest_run.run_id
    where score_reasons.predictive_model = 'churn'
),

feature_labels as (
    select * from {{ ref('feature_labels') }}
),

worded_reasons as (
    select
        reasons.customer_id,
        reasons.reason_rank,
        feature_labels.feature_label
        || ': '
        || case
            when reasons.feature_value is null then 'none'
            when reasons.feature_value = floor(reasons.feature_value)
                then cast(cast(reasons.feature_value as bigint) as {{ dbt.type_string() }})
            else cast({{ exact_amount('reasons.feature_value') }} as {{ dbt.type_string() }})
        end
        || case when reasons.contribution > 0 then ' (raises)' else ' (lowers)' end as reason
    from reasons
    inner join feature_labels on reasons.feature_name = feature_labels.feature_name
),

pivoted_reasons as (
    select
        customer_id,
        max(case when reason_rank = 1 then reason end) as reason_1,
        max(case when reason_rank = 2 then reason end) as reason_2,
        max(case when reason_rank = 3 then reason end) as reason_3
    from worded_reasons
    group by customer_id
),

ranked as (
    select
        *,
        percent_rank() over (order by score desc) as risk_rank
    from scores
),

final as (
    select
        ranked.customer_id,
        ranked.as_of_date,
        ranked.run_id,
        ranked.score as churn_probability,
        case
            when ranked.risk_rank < 0.1 then 'high'
            when ranked.risk_rank < 0.3 then 'medium'
            else 'low'
        end as churn_risk_band,
        pivoted_reasons.reason_1,
        pivoted_reasons.reason_2,
        pivoted_reasons.reason_3
    from ranked
    left join pivoted_reasons on ranked.customer_id = pivoted_reasons.customer_id
)

select * from final
