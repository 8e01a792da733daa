{# What the weights in the evidence of a probabilistic link rest on. #}
select
    comparison,
    level_rank,
    level_title,
    m_probability,
    u_probability,
    match_weight,
    weight_deviation,
    matched_pair_count,
    learnt_from,
    prior_probability,
    record_count,
    model_id
from {{ source('matching', 'match_models') }}
