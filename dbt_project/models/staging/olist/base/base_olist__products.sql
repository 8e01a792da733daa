{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_olist', 'products') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('product_id') }} as product_id,
        ---------- strings
        lower({{ clean_text('product_category_name') }}) as product_category,
        ---------- numerics
        -- A weight of zero is one that nobody weighed.
        nullif(product_weight_g, 0) as weight_grams,
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
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
