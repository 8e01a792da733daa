select
    ad_touch_id,
    source_system,
    ad_platform,
    campaign_id,
    ad_group,
    creative,
    touch_type,
    visitor_key,
    customer_key,
    cost_amount,
    occurred_at,
    known_at,
    loaded_at
from {{ ref('int_ad_touches__unioned') }}
