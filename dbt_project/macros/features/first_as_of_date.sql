{#
    The rows of a relation with `activity_date`, the day on which they happened on the clock of their source, and
    `first_as_of_date`, the first date of the feature grid at which they had happened and were known. Reckoned, not looked
    up in the grid: it costs the same however long the grid is.

    A date begins at midnight on the clock of the source. So what happened on a day counts from the next one on, and so does
    what became known on it, unless that was at midnight sharp. Between the last day that a source knows and "today" the
    grid has no dates.

    relation: with `source_system`. occurred_at, known_at: the columns to go by, UTC.
#}
{% macro with_first_as_of_date(relation, occurred_at='occurred_at', known_at='known_at') %}
    {%- set grid_days = var('as_of_grid_days') * var('feature_grid_steps') -%}
    select
        located.*,
        case
            when located.grid_date <= {{ days_after('located.last_activity_date', 1) }} then located.grid_date
            else located.latest_date
        end as first_as_of_date
    from (
        select
            happened.*,
            spans.last_activity_date,
            as_of.as_of_date as latest_date,
            occurred_days.local_date as activity_date,
            {{ days_after('greatest(occurred_days.local_date, known_days.local_date)', 1) }} as needed_date,
            {{ days_after(
                'as_of.as_of_date',
                '-' ~ grid_days ~ ' * cast(floor(('
                ~ days_between('greatest(occurred_days.local_date, known_days.local_date)', 'as_of.as_of_date')
                ~ ' - 1) / ' ~ grid_days ~ '.0) as integer)',
            ) }} as grid_date
        from {{ relation }} as happened
        inner join {{ ref('int_activity_spans__by_source') }} as spans
            on happened.source_system = spans.source_system
        inner join {{ ref('int_local_days__by_quarter_hour') }} as occurred_days
            on
                happened.source_system = occurred_days.source_system
                and {{ quarter_hour_number('happened.' ~ occurred_at) }} = occurred_days.quarter_hour
        inner join {{ ref('int_local_days__by_quarter_hour') }} as known_days
            on
                happened.source_system = known_days.source_system
                and {{ quarter_hour_number('happened.' ~ known_at, is_end=true) }} = known_days.quarter_hour
        cross join {{ ref('int_as_of__resolved') }} as as_of
    ) as located
    where located.needed_date <= located.latest_date
{% endmacro %}
