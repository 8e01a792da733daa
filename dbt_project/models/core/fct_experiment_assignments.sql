select
    experiment_assignment_id,
    source_system,
    experiment_id,
    experiment_name,
    campaign_id,
    customer_key,
    variant,
    is_holdout,
    occurred_at,
    known_at
from {{ ref('int_experiment_assignments__unioned') }}
