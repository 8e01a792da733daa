{{ config(enabled=is_enabled_source()) }}

with clicks as (
    select * from {{ ref('base_eshop_clickstream__clicks') }}
    where quarantine_reason is null
),

main_categories as (
    select * from {{ ref('eshop_clickstream__main_categories') }}
),

photo_places as (
    select * from {{ ref('eshop_clickstream__photo_places') }}
),

final as (
    select
        ---------- ids
        {{ source_key(['clicks.session_id', 'clicks.click_number']) }} as event_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('clicks.session_id') }} as visitor_key,
        {{ source_key('clicks.clothing_model') }} as product_id,
        ---------- strings
        'web' as channel,
        'Product Viewed' as event_name,
        -- The source has no address of a page: tab of the menu, page of the list, and place of the photo on it.
        '/' || main_categories.main_category
        || '/' || cast(clicks.page_number as {{ dbt.type_string() }})
        || '/' || replace(photo_places.photo_place, ' ', '-') as page_path,
        ---------- numerics
        clicks.price_amount,
        ---------- timestamps
        {{ utc_from_local('clicks.occurred_at_local', "'Europe/Warsaw'") }} as occurred_at,
        -- The moment within the day is made up, so nothing may rest on it before the day is over.
        {{ utc_from_local(days_after('clicks.click_date', 1), "'Europe/Warsaw'") }} as known_at,
        clicks.occurred_at_local,
        clicks.loaded_at
    from clicks
    left join main_categories on clicks.main_category_number = main_categories.main_category_number
    left join photo_places on clicks.place_number = photo_places.place_number
)

select * from final
