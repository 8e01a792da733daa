select
    customer_identifier_id,
    source_system,
    customer_key,
    identifier_type,
    identifier_value,
    source_value,
    first_seen_at,
    last_seen_at,
    first_loaded_at
from {{ ref('int_identifiers__unioned') }}
