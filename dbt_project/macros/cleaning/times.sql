{# Moments that stand in text, in the layouts that systems write. What cannot be read is null. #}


{#
    A wall-clock time, or a day, from text such as `03/31/2017 05:07 PM` (month_first), `31.03.2017 17:07` or
    `31/03/2017` (day_first), `31-Mar-2017 17:07` (month_name). The parts are put into the order that both engines
    read.
#}
{% macro time_from_text(column_name, layout) -%}
    {%- set text = 'trim(' ~ column_name ~ ')' -%}
    {%- set year_at, month, day = 7, 'substring(' ~ text ~ ', 4, 2)', 'substring(' ~ text ~ ', 1, 2)' -%}
    {%- if layout == 'month_first' -%}
        {%- set month, day = day, month -%}
    {%- elif layout == 'month_name' -%}
        {%- set year_at, month = 8, _month_number('substring(' ~ text ~ ', 4, 3)') -%}
    {%- endif -%}
    {%- set moment -%}
        substring({{ text }}, {{ year_at }}, 4) || '-' || {{ month }} || '-' || {{ day }}
        || substring({{ text }}, {{ year_at + 4 }}, 6)
    {%- endset -%}
    case
        when {{ matches_pattern(
            text, '^[0-9]{2}[./-]([0-9]{2}|[A-Za-z]{3})[./-][0-9]{4}( [0-9]{2}:[0-9]{2}( [AP]M)?)?$'
        ) }}
            then {{ _half_day_added(cast_or_null(moment, 'timestamp'), text) }}
    end
{%- endmacro %}


{# Twelve hours more in the afternoon, twelve less in the hour after midnight, which the clock calls 12 AM. #}
{% macro _half_day_added(moment, text) -%}
    {%- set hours -%}
        case
            when {{ text }} like '%PM' and {{ text }} not like '% 12:%' then 12
            when {{ text }} like '% 12:% AM' then -12
            else 0
        end
    {%- endset -%}
    {{ dbt.dateadd('hour', hours, moment) }}
{%- endmacro %}


{# The number of a month in two digits, by the first three letters of its English name. #}
{% macro _month_number(name) -%}
    {%- set names = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] -%}
    case lower({{ name }})
        {%- for month in names %}
        when '{{ month }}' then '{{ '%02d' % loop.index }}'
        {%- endfor %}
    end
{%- endmacro %}


{# The UTC instant of a count of milliseconds since 1970 that stands in text. #}
{% macro utc_from_millisecond_text(column_name) -%}
    {{ utc_from_count(cast_or_null('trim(' ~ column_name ~ ')', 'bigint')) }}
{%- endmacro %}


{#
    The UTC instant of a count of milliseconds (or with per_second=1 of seconds) since 1970; null for counts that reach
    beyond the year 2286, which no engine needs to follow.
#}
{% macro utc_from_count(unit_count, per_second=1000) -%}
    {{ utc_from_milliseconds(
        'case when ' ~ unit_count ~ ' between 0 and ' ~ 9999999999 * per_second
        ~ ' then ' ~ unit_count ~ ' * ' ~ 1000 // per_second ~ ' end'
    ) }}
{%- endmacro %}


{# A day of birth: null where it cannot be one of a living customer, as 01/01/1900, which forms write for "not told". #}
{% macro birth_date(moment) -%}
    case
        when {{ moment }} > cast('1900-01-01' as timestamp) and {{ moment }} < cast('2018-01-01' as timestamp)
            then cast({{ moment }} as date)
    end
{%- endmacro %}
