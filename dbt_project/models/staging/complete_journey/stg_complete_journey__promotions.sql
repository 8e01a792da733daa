{{ config(enabled=is_enabled_source(), **incremental_by_key('week_start_date', partition_by='week_start_date')) }}

{#
    Twenty-one million rows say the same for store after store: they are counted once, by product, week and placement.
    A week that gains a row is counted again as a whole.
#}
with promotions as (
    select * from {{ ref('base_complete_journey__promotions') }}
    where quarantine_reason is null
),

touched_weeks as (
    select distinct week
    from promotions
    {% if is_incremental() %}
        where loaded_at
            > (select coalesce(max(seen.loaded_at), timestamp '1900-01-01 00:00:00') from {{ this }} as seen)
    {% endif %}
),

stores as (
    select
        promotions.product_id,
        promotions.week,
        promotions.display_location,
        promotions.mailer_location,
        promotions.store_id,
        count(*) as landed_row_count,
        max(promotions.loaded_at) as loaded_at
    from promotions
    where promotions.week in (select touched_weeks.week from touched_weeks)
    group by
        promotions.product_id,
        promotions.week,
        promotions.display_location,
        promotions.mailer_location,
        promotions.store_id
),

counted as (
    select
        product_id,
        week,
        display_location,
        mailer_location,
        count(*) as store_count,
        sum(landed_row_count) as landed_row_count,
        max(loaded_at) as loaded_at
    from stores
    group by
        product_id,
        week,
        display_location,
        mailer_location
),

final as (
    select
        '{{ this_source() }}' as source_system,
        {{ source_key('product_id') }} as product_id,
        display_location as display_location_code,
        mailer_location as mailer_location_code,
        store_count,
        cast(landed_row_count - store_count as bigint) as repeated_row_count,
        loaded_at,
        -- Weeks run from Monday to Sunday; week 1 ends on Sunday, 1 January 2017.
        {{ days_after("date '2016-12-26'", '7 * (week - 1)') }} as week_start_date
    from counted
)

select * from final
