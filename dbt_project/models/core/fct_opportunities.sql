select
    opportunity_id,
    source_system,
    lead_id,
    account_id,
    opportunity_name,
    opportunity_stage,
    expected_amount,
    win_probability,
    is_closed,
    is_won,
    occurred_at,
    expected_close_date,
    closed_at,
    known_at
from {{ ref('int_opportunities__unioned') }}
