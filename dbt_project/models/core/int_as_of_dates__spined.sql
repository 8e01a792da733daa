{#
    The regular as-of grid: counted back from "today" in equal steps, for each source in its own time zone. Between the
    last day that a source knows and "today" it has no dates: of that time it cannot say who bought and who did not.
#}
with as_of as (
    select * from {{ ref('int_as_of__resolved') }}
),

sources as (
    select
        source_systems.source_system,
        source_systems.time_zone,
        max(orders.order_date) as last_order_date
    from {{ ref('dim_source_systems') }} as source_systems
    inner join {{ ref('fct_orders') }} as orders on source_systems.source_system = orders.source_system
    group by
        source_systems.source_system,
        source_systems.time_zone
),

steps as (
    select number from {{ integers_up_to(5000) }} as numbers
),

dates as (
    select
        {{ days_after('as_of.as_of_date', '-' ~ var('as_of_grid_days') ~ ' * steps.number') }} as as_of_date,
        steps.number = 0 as is_latest,
        steps.number % {{ var('feature_grid_steps') }} = 0 as is_feature_date
    from as_of
    cross join steps
    where {{ days_after('as_of.as_of_date', '-' ~ var('as_of_grid_days') ~ ' * steps.number') }}
        > as_of.first_order_date
),

final as (
    select
        sources.source_system,
        dates.as_of_date,
        {{ utc_from_local('dates.as_of_date', 'sources.time_zone') }} as as_of_at,
        dates.is_latest,
        dates.is_feature_date
    from dates
    cross join sources
    where
        dates.is_latest
        or dates.as_of_date <= {{ days_after('sources.last_order_date', 1) }}
)

select * from final
