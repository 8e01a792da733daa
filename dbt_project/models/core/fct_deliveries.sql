select
    delivery_id,
    source_system,
    destination,
    audience_name,
    customer_key,
    delivery_action,
    delivery_status,
    rejection_reason,
    occurred_at,
    known_at,
    loaded_at
from {{ ref('int_deliveries__unioned') }}
