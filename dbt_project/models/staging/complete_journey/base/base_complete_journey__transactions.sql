{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_complete_journey', 'transactions') }}
),

renamed as (
    select
        ---------- ids
        household_id,
        basket_id,
        product_id,
        store_id,
        ---------- numerics
        quantity,
        {{ dbt.safe_cast('sales_value', 'decimal(18, 2)') }} as sales_amount,
        {{ dbt.safe_cast('retail_disc', 'decimal(18, 2)') }} as retail_discount_amount,
        {{ dbt.safe_cast('coupon_disc', 'decimal(18, 2)') }} as coupon_discount_amount,
        {{ dbt.safe_cast('coupon_match_disc', 'decimal(18, 2)') }} as coupon_match_discount_amount,
        ---------- timestamps
        transaction_timestamp as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['basket_id is null or product_id is null', 'key is missing'],
            ['household_id is null', 'household is missing'],
            ['store_id is null', 'store is missing'],
            ['occurred_at is null', 'time is missing'],
            ['occurred_at > loaded_at', 'dated after it was loaded'],
            ['quantity is null or quantity < 0', 'quantity is negative or missing'],
            ['sales_amount is null or sales_amount < 0', 'amount is negative or missing'],
            [
                'retail_discount_amount is null or coupon_discount_amount is null '
                ~ 'or coupon_match_discount_amount is null',
                'discount is missing',
            ],
            [
                'retail_discount_amount < 0 or coupon_discount_amount < 0 or coupon_match_discount_amount < 0',
                'discount is negative',
            ],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
