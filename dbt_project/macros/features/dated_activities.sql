{#
    What customers and companies did together in the days before each as-of date, as it was known then: rows of
    `int_customer_activity_days__dated` with `as_of_date` and `days_ago` (1 is the day before).

    themes: the themes of the seed `activity_types` that count, none for all. day_count: how far to look back, in days.
#}
{% macro dated_activities(themes=none, day_count=84) %}
    select
        activity_days.*,
        as_of_dates.as_of_date,
        cast({{ days_between('activity_days.activity_date', 'as_of_dates.as_of_date') }} as bigint) as days_ago
    from {{ ref('int_customer_activity_days__dated') }} as activity_days
    inner join {{ ref('int_as_of_dates__spined') }} as as_of_dates
        on
            activity_days.source_system = as_of_dates.source_system
            and activity_days.first_as_of_date <= as_of_dates.as_of_date
            and activity_days.counts_until > as_of_dates.as_of_at
            and activity_days.activity_date >= {{ days_after('as_of_dates.as_of_date', -day_count) }}
    where
        as_of_dates.is_feature_date
        {% if themes %}
            and activity_days.activity_theme in ('{{ themes | join("', '") }}')
        {% endif %}
{% endmacro %}


{#
    As of which dates somebody recorded such activities at all, and which source systems did. Before that, nobody can say
    that a customer did nothing: there is no row, and a feature is unknown. From then on, nothing recorded is zero.
#}
{% macro recorded_themes(themes) %}
    select
        as_of_dates.as_of_date,
        {{ sorted_list('starts.source_system') }} as source_systems
    from (
        select
            source_system,
            min(first_as_of_date) as first_as_of_date
        from {{ ref('int_customer_activity_days__dated') }}
        where activity_theme in ('{{ themes | join("', '") }}')
        group by source_system
    ) as starts
    inner join {{ ref('int_as_of_dates__spined') }} as as_of_dates
        on
            starts.source_system = as_of_dates.source_system
            and starts.first_as_of_date <= as_of_dates.as_of_date
    where as_of_dates.is_feature_date
    group by as_of_dates.as_of_date
{% endmacro %}


{# How often something happened in the last number of days before the as-of date. #}
{% macro happened(activity_types, day_count) -%}
    sum(
        case
            when
                activities.days_ago <= {{ day_count }}
                and activities.activity_type in ('{{ activity_types | join("', '") }}')
                then activities.activity_count
        end
    )
{%- endmacro %}


{# Days since something happened last; null where it did not within the days that are looked at. #}
{% macro days_since(activity_types) -%}
    min(case when activities.activity_type in ('{{ activity_types | join("', '") }}') then activities.days_ago end)
{%- endmacro %}


{# A count as a feature: nothing recorded is zero. #}
{% macro counted(column) -%}
    cast(coalesce({{ column }}, 0) as double)
{%- endmacro %}
