select
    campaign_send_id,
    source_system,
    campaign_id,
    customer_key,
    occurred_at,
    loaded_at
from {{ ref('int_campaign_sends__unioned') }}
