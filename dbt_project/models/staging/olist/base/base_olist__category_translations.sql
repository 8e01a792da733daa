{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_olist', 'category_translations') }}
),

renamed as (
    select
        ---------- strings
        lower({{ clean_text('product_category_name') }}) as product_category,
        lower({{ clean_text('product_category_name_english') }}) as product_category_english,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['product_category is null', 'key is missing'],
            ['product_category_english is null', 'translation is missing'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
