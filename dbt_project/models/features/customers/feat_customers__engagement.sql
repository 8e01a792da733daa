{#
    What a customer did by themselves within a year, in whatever channel; who did nothing has no row. Every other channel's
    features stand on these customers and dates.
#}
with activities as (
    {{ dated_activities(day_count=365) }}
        and activity_days.is_by_customer
),

by_theme as (
    select
        customer_id,
        as_of_date,
        source_system,
        activity_theme,
        min(days_ago) as last_days_ago,
        max(days_ago) as first_days_ago,
        sum(case when days_ago <= 28 then activity_count end) as activities_28d,
        sum(case when days_ago <= 84 then activity_count end) as activities_84d
    from activities
    group by
        customer_id,
        as_of_date,
        source_system,
        activity_theme
),

measured as (
    select
        customer_id,
        as_of_date,
        {{ sorted_list('source_system') }} as source_systems,
        min(last_days_ago) as days_since_activity,
        max(first_days_ago) as days_since_first_activity,
        sum(activities_28d) as activities_28d,
        sum(activities_84d) as activities_84d,
        count(distinct case when last_days_ago <= 84 then activity_theme end) as activity_themes_84d
    from by_theme
    group by
        customer_id,
        as_of_date
),

{# A day in two sources is one day. #}
active_days as (
    select
        customer_id,
        as_of_date,
        count(case when days_ago <= 28 then 1 end) as active_days_28d,
        count(*) as active_days_84d
    from (
        select distinct
            customer_id,
            as_of_date,
            days_ago
        from activities
        where days_ago <= 84
    ) as days
    group by
        customer_id,
        as_of_date
),

final as (
    select
        measured.customer_id,
        measured.source_systems,
        measured.as_of_date,
        cast(measured.days_since_activity as double) as days_since_activity,
        cast(measured.days_since_first_activity as double) as days_since_first_activity,
        {{ counted('measured.activities_28d') }} as activities_28d,
        {{ counted('measured.activities_84d') }} as activities_84d,
        {{ counted('active_days.active_days_28d') }} as active_days_28d,
        {{ counted('active_days.active_days_84d') }} as active_days_84d,
        cast(measured.activity_themes_84d as double) as activity_themes_84d,
        -- Half a day on either side keeps the trend of those who hardly come from jumping.
        {{ share_of(
            '3 * (coalesce(active_days.active_days_28d, 0) + 0.5)', 'coalesce(active_days.active_days_84d, 0) + 1.5'
        ) }} as active_days_trend
    from measured
    left join active_days
        on
            measured.customer_id = active_days.customer_id
            and measured.as_of_date = active_days.as_of_date
)

select * from final
