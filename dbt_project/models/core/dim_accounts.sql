select
    account_id,
    source_system,
    account_name,
    industry,
    employee_count,
    size_band,
    potential_amount,
    website_domain,
    city,
    country_code,
    first_known_at
from {{ ref('int_accounts__unioned') }}
