select
    ticket_message_id,
    source_system,
    ticket_id,
    customer_key,
    author_role,
    message_text,
    language,
    occurred_at,
    known_at,
    loaded_at
from {{ ref('int_ticket_messages__unioned') }}
