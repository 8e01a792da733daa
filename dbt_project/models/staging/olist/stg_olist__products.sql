{{ config(enabled=is_enabled_source()) }}

with products as (
    select * from {{ latest_versions('base_olist__products', ['product_id']) }} as latest
),

category_translations as (
    select * from {{ latest_versions('base_olist__category_translations', ['product_category']) }} as latest
),

category_mappings as (
    select * from {{ ref('olist__category_mappings') }}
),

named as (
    select
        products.product_id,
        products.weight_grams,
        coalesce(category_translations.product_category_english, products.product_category) as source_category,
        category_mappings.category_id
    from products
    left join category_translations on products.product_category = category_translations.product_category
    left join category_mappings on products.product_category = category_mappings.product_category
),

final as (
    select
        {{ source_key('product_id') }} as product_id,
        '{{ this_source() }}' as source_system,
        -- Products have no names: they are called by their category.
        replace(source_category, '_', ' ') as product_name,
        source_category,
        cast(weight_grams as {{ dbt.type_string() }}) || ' g' as package_size,
        category_id
    from named

    union all

    select
        '{{ this_source() }}:freight' as product_id,
        '{{ this_source() }}' as source_system,
        'Freight' as product_name,
        null as source_category,
        null as package_size,
        'fees_postage' as category_id
)

select * from final
