{# A table, not a view: events, products and quarantine read it. #}
{{ config(enabled=is_enabled_source(), materialized='table') }}

{# The source has names of columns with blanks and parentheses, and some that are words of SQL. #}
{% set quoted = adapter.quote %}

with source as (
    select * from {{ source('raw_eshop_clickstream', 'clicks') }}
),

renamed as (
    select
        ---------- ids
        {{ quoted('session ID') }} as session_id,
        {{ quoted('order') }} as click_number,
        upper({{ clean_text(quoted('page 2 (clothing model)')) }}) as clothing_model,
        ---------- codes
        country as country_number,
        {{ quoted('page 1 (main category)') }} as main_category_number,
        colour as colour_number,
        {{ quoted('location') }} as place_number,
        page as page_number,
        {{ quoted('model photography') }} as photo_view_number,
        ---------- numerics
        price as price_amount,
        ---------- parts of the date
        {{ quoted('year') }} as year_number,
        {{ quoted('month') }} as month_number,
        {{ quoted('day') }} as day_number,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

{# Counted from the first of January, so that no part of a date breaks a cast: 31 June becomes 1 July. #}
counted as (
    select
        *,
        case
            when year_number between 1900 and 2100 and month_number between 1 and 12 and day_number between 1 and 31
                then {{ days_after(
                    'cast(' ~ dbt.dateadd(
                        'month',
                        'cast(month_number - 1 as integer)',
                        "cast(cast(year_number as " ~ dbt.type_string() ~ ") || '-01-01' as date)",
                    ) ~ ' as date)',
                    '(day_number - 1)',
                ) }}
        end as counted_date
    from renamed
),

dated as (
    select
        *,
        case when extract(month from counted_date) = month_number then counted_date end as click_date
    from counted
),

{#
    No clock time: the number of the click stands in for it, as so many seconds after midnight. Numbers that no day
    holds are quarantined below; here they are only kept from breaking the cast.
#}
timed as (
    select
        *,
        {{ dbt.dateadd(
            'second',
            'cast(least(greatest(click_number, 1), 86399) as integer)',
            'cast(click_date as timestamp)',
        ) }} as occurred_at_local
    from dated
),

checked as (
    select
        session_id,
        click_number,
        clothing_model,
        country_number,
        main_category_number,
        colour_number,
        place_number,
        page_number,
        photo_view_number,
        year_number,
        month_number,
        day_number,
        price_amount,
        click_date,
        loaded_at,
        batch_id,
        occurred_at_local,
        {{ quarantine_reason([
            ['session_id is null or click_number is null', 'key is missing'],
            ['click_number not between 1 and 86399', 'number of the click is impossible'],
            ['clothing_model is null', 'clothing model is missing'],
            ['click_date is null', 'date is missing or impossible'],
            ['occurred_at_local > loaded_at', 'dated after it was loaded'],
            ['price_amount < 0', 'price is negative'],
        ]) }} as quarantine_reason
    from timed
)

select * from checked
