select
    store_visit_id,
    source_system,
    store_id,
    visitor_key,
    customer_key,
    detection_method,
    dwell_seconds,
    occurred_at,
    left_at,
    known_at,
    loaded_at
from {{ ref('int_store_visits__unioned') }}
