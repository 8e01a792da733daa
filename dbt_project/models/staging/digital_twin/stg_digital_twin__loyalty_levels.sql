{{ config(enabled=is_enabled_source()) }}

select
    {{ source_key('loyalty_level') }} as loyalty_level_id,
    '{{ this_source() }}' as source_system,
    loyalty_level,
    level_rank,
    min_growth_points
from {{ ref('digital_twin__loyalty_levels') }}
