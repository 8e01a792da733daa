select
    source_system,
    product_id,
    week_start_date,
    display_location_code,
    mailer_location_code,
    store_count
from {{ ref('int_promotions__unioned') }}
