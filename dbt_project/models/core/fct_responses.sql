select
    response_id,
    source_system,
    delivery_id,
    customer_key,
    response_type,
    response_amount,
    occurred_at,
    known_at,
    loaded_at
from {{ ref('int_responses__unioned') }}
