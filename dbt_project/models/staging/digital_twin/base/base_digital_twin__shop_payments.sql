{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'shop_payments') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('payment_id') }} as payment_no,
        {{ known_text('order_no') }} as order_no,
        ---------- strings
        {{ decoded('method', {
            'visa': 'card',
            'mastercard': 'card',
            'paypal': 'wallet',
            'wechat_pay': 'wallet',
            'alipay': 'wallet',
            'gift_card': 'voucher',
            'bank_transfer': 'transfer',
        }) }} as payment_method,
        {{ decoded('status', {'captured': 'paid', 'declined': 'failed', 'refunded': 'refunded'}) }} as payment_status,
        ---------- numerics
        {{ integer_from_text('instalments') }} as instalment_count,
        cast({{ integer_from_text('amount_cents') }} / 100.0 as decimal(18, 2)) as payment_amount,
        ---------- timestamps
        {{ utc_from_iso_text('captured_at') }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['payment_no is null', 'key is missing'],
            ['order_no is null', 'order is missing'],
            ['payment_amount is null', 'amount is missing or cannot be read'],
            ['payment_status is null', 'status is not known'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
