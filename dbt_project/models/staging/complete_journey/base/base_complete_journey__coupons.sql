{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_complete_journey', 'coupons') }}
),

renamed as (
    select
        coupon_upc,
        product_id,
        campaign_id,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['coupon_upc is null or product_id is null or campaign_id is null', 'key is missing'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
