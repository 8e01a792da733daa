select
    account_contact_id,
    source_system,
    account_id,
    customer_key,
    job_title,
    contact_role,
    is_decision_maker,
    first_known_at
from {{ ref('int_account_contacts__unioned') }}
