{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_complete_journey', 'products') }}
),

renamed as (
    select
        ---------- ids
        product_id,
        manufacturer_id,
        ---------- strings
        {{ clean_text('department') }} as department,
        {{ clean_text('brand') }} as brand,
        {{ clean_text('product_category') }} as product_category,
        {{ clean_text('product_type') }} as product_type,
        {{ clean_text('package_size') }} as package_size,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['product_id is null', 'key is missing'],
            ['department is null', 'department is missing'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
