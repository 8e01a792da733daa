select
    store_id,
    source_system,
    store_name,
    channel
from {{ ref('int_stores__unioned') }}
