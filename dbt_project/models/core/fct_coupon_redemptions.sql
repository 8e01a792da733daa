select
    coupon_redemption_id,
    source_system,
    coupon_id,
    campaign_id,
    customer_key,
    redemption_date,
    known_at,
    loaded_at
from {{ ref('int_coupon_redemptions__unioned') }}
