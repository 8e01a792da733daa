select
    source_system,
    source_name,
    is_simulated,
    time_zone,
    currency
from {{ ref('int_source_systems__unioned') }}
