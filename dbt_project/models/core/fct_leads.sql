select
    lead_id,
    source_system,
    customer_key,
    account_id,
    lead_source,
    landing_page,
    lead_status,
    is_qualified,
    is_converted,
    occurred_at,
    converted_at,
    known_at,
    loaded_at
from {{ ref('int_leads__unioned') }}
