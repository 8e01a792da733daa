{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'shop_products') }}
),

tidied as (
    select
        upper({{ clean_text('sku') }}) as sku,
        {{ tidy_text('title') }} as product_name,
        {{ tidy_text('categorypath') }} as category_path,
        {{ tidy_text('brand') }} as brand,
        {{ grams_from_text('weight') }} as weight_grams,
        {{ amount_from_text('listprice') }} as list_price,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        ---------- ids
        sku,
        ---------- strings
        product_name,
        brand,
        trim({{ text_part('category_path', '>', 1) }}) as source_department,
        trim({{ text_part('category_path', '>', 2) }}) as source_category,
        cast(weight_grams as {{ dbt.type_string() }}) || ' g' as package_size,
        ---------- numerics
        list_price,
        ---------- timestamps
        loaded_at,
        batch_id
    from tidied
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['sku is null', 'key is missing'],
            ['product_name is null', 'title is missing'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
