select
    ticket_id,
    source_system,
    customer_key,
    channel,
    ticket_topic,
    ticket_priority,
    ticket_status,
    subject,
    order_id,
    product_id,
    occurred_at,
    first_replied_at,
    resolved_at,
    known_at,
    loaded_at
from {{ ref('int_tickets__unioned') }}
