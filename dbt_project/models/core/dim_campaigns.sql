select
    campaign_id,
    source_system,
    campaign_name,
    campaign_type,
    start_date,
    end_date
from {{ ref('int_campaigns__unioned') }}
