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
        {{ exact_amount('sales_value') }} as sales_amount,
        {{ exact_amount('retail_disc') }} as retail_discount_amount,
        {{ exact_amount('coupon_disc') }} as coupon_discount_amount,
        {{ exact_amount('coupon_match_disc') }} as coupon_match_discount_amount,
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
