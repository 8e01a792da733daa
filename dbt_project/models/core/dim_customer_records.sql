select
    customer_key,
    source_system,
    first_known_at,
    age_band,
    income_band,
    home_ownership,
    marital_status,
    household_size,
    household_composition,
    kids_count
from {{ ref('int_customer_records__unioned') }}
