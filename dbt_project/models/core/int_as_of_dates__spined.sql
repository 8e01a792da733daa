{#
    The regular as-of grid: counted back from "today" in equal steps, for each source in its own time zone, over the days of
    which it knows anything in any channel. Between the last of them and "today" it has no dates: of that time it cannot
    say who did something and who did not.
#}
with as_of as (
    select * from {{ ref('int_as_of__resolved') }}
),

sources as (
    select * from {{ ref('int_activity_spans__by_source') }}
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
),

final as (
    select
        sources.source_system,
        dates.as_of_date,
        {{ utc_from_local('dates.as_of_date', 'sources.time_zone') }} as as_of_at,
        dates.is_latest,
        dates.is_feature_date
    from dates
    inner join sources on dates.as_of_date > sources.first_activity_date
    where
        dates.is_latest
        or dates.as_of_date <= {{ days_after('sources.last_activity_date', 1) }}
)

select * from final
