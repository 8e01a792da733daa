{{ config(enabled=is_enabled_source()) }}

with catalogue as (
    select * from {{ latest_versions('base_digital_twin__shop_products', ['sku']) }} as latest
),

category_mappings as (
    select * from {{ ref('digital_twin__category_mappings') }}
),

final as (
    select
        {{ source_key('catalogue.sku') }} as product_id,
        '{{ this_source() }}' as source_system,
        catalogue.product_name,
        catalogue.brand,
        catalogue.source_department,
        catalogue.source_category,
        catalogue.package_size,
        category_mappings.category_id
    from catalogue
    left join category_mappings
        on
            lower(catalogue.source_department) = lower(category_mappings.source_department)
            and lower(catalogue.source_category) = lower(category_mappings.source_category)
)

select * from final
