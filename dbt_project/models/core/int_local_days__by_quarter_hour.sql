{#
    Which day it was on the clock of each source, for every quarter of an hour in which something happened or became known.
    Clocks differ from UTC by whole quarters, so that a quarter lies within one day; to look a day up is far cheaper than
    to reckon it for each row.
#}
with activities as (
    select * from {{ ref('fct_activities') }}
),

source_systems as (
    select * from {{ ref('dim_source_systems') }}
),

quarter_hours as (
    {% for moment in ['occurred_at', 'known_at'] %}
        {% for is_end in [false, true] %}
            select
                source_system,
                {{ quarter_hour_number(moment, is_end) }} as quarter_hour
            from activities
            {{ 'union' if not (loop.last and moment == 'known_at') }}
        {% endfor %}
    {% endfor %}
),

final as (
    select
        quarter_hours.source_system,
        quarter_hours.quarter_hour,
        cast({{ local_from_utc(
            utc_from_milliseconds('quarter_hours.quarter_hour * 900000'), 'source_systems.time_zone'
        ) }} as date) as local_date
    from quarter_hours
    inner join source_systems on quarter_hours.source_system = source_systems.source_system
)

select * from final
