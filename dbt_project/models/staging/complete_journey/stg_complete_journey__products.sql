{{ config(enabled=is_enabled_source()) }}

with products as (
    select * from {{ latest_versions('base_complete_journey__products', ['product_id']) }} as latest
),

category_mappings as (
    select * from {{ ref('complete_journey__category_mappings') }}
),

final as (
    select
        {{ source_key('products.product_id') }} as product_id,
        '{{ this_source() }}' as source_system,
        coalesce(products.product_type, products.product_category, products.department) as product_name,
        products.brand,
        {{ source_key('products.manufacturer_id') }} as manufacturer_id,
        products.department as source_department,
        products.product_category as source_category,
        products.package_size,
        case
            -- Two tills book petrol and gift cards under a collective category; only the type tells them apart.
            when
                products.product_category = 'COUPON/MISC ITEMS'
                and products.product_type = 'GASOLINE-REG UNLEADED'
                then 'fuel'
            when
                products.product_category = 'COUPON/MISC ITEMS'
                and products.product_type like '%GIFT CARD%'
                then 'gift_cards'
            else category_mappings.category_id
        end as category_id
    from products
    left join category_mappings
        on
            products.department = category_mappings.source_department
            and coalesce(products.product_category, '') = coalesce(category_mappings.source_category, '')
)

select * from final
