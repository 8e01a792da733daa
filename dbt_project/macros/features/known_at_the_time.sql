{#
    Point in time: what had happened before an as-of date, and what the warehouse knew of it by then.
    Every feature goes through here, so that none can see the future.
#}
{% macro known_at_the_time(fact_alias, as_of_alias, occurred_at='occurred_at') -%}
    {{ fact_alias }}.{{ occurred_at }} < {{ as_of_alias }}.as_of_at
    and {{ fact_alias }}.known_at <= {{ as_of_alias }}.as_of_at
{%- endmacro %}


{# A count or sum over the last number of days before the as-of date; needs a column `days_ago`. #}
{% macro within_days(expression, day_count) -%}
    coalesce(sum(case when days_ago <= {{ day_count }} then {{ expression }} end), 0)
{%- endmacro %}


{#
    Visits a day, weighted by age so that a visit counts half after so many days; normalised by what a customer who came
    on every observed day would reach. Summed as decimals: the sum must not depend on the order of rows.
#}
{% macro visit_rate_with_half_life(day_count) -%}
    {%- set half_life = 'cast(' ~ day_count ~ ' as double)' -%}
    cast(sum(cast(power(0.5, (days_ago - 1) / {{ half_life }}) as decimal(18, 15))) as double)
    * (1 - power(0.5, 1 / {{ half_life }}))
    / (1 - power(0.5, max(observed_days) / {{ half_life }}))
{%- endmacro %}
