select
    payment_id,
    source_system,
    order_id,
    customer_key,
    payment_method,
    payment_status,
    instalment_count,
    payment_amount,
    occurred_at,
    known_at,
    loaded_at
from {{ ref('int_payments__unioned') }}
