select
    loyalty_level_id,
    source_system,
    loyalty_level,
    level_rank,
    min_growth_points
from {{ ref('int_loyalty_levels__unioned') }}
