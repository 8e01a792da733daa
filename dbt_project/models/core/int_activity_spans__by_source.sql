{# From when to when each source knows of anything that customers and visitors did, in days on its own clock. #}
with spans as (
    select
        source_system,
        min(occurred_at) as first_occurred_at,
        max(occurred_at) as last_occurred_at
    from {{ ref('fct_activities') }}
    group by source_system
),

source_systems as (
    select * from {{ ref('dim_source_systems') }}
),

final as (
    select
        spans.source_system,
        source_systems.time_zone,
        cast({{ local_from_utc('spans.first_occurred_at', 'source_systems.time_zone') }} as date)
            as first_activity_date,
        cast({{ local_from_utc('spans.last_occurred_at', 'source_systems.time_zone') }} as date)
            as last_activity_date
    from spans
    inner join source_systems on spans.source_system = source_systems.source_system
)

select * from final
