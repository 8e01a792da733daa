{# What customers read of the churn model: its latest scores, in bands. #}
with scores as (
    select * from {{ ref('int_scores__latest') }}
    where predictive_model = 'churn'
),

final as (
    select
        subject_id as customer_id,
        as_of_date,
        run_id,
        score as churn_probability,
        case
            when score_rank < 0.1 then 'high'
            when score_rank < 0.3 then 'medium'
            else 'low'
        end as churn_risk_band,
        reason_1,
        reason_2,
        reason_3
    from scores
)

select * from final
