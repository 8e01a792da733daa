{{ config(enabled=is_enabled_source(), materialized='table') }}

with source as (
    select * from {{ source('raw_olist', 'order_payments') }}
),

orders as (
    select distinct order_id
    from {{ ref('base_olist__orders') }}
    where quarantine_reason is null
),

renamed as (
    select
        ---------- ids
        {{ clean_text('order_id') }} as order_id,
        payment_sequential as payment_number,
        ---------- strings
        lower({{ clean_text('payment_type') }}) as payment_type,
        ---------- numerics
        payment_installments as instalment_count,
        {{ exact_amount('payment_value') }} as payment_amount,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

{# Only the order tells time and customer. Should it come later, the payment is taken in then. #}
checked as (
    select
        renamed.*,
        {{ quarantine_reason([
            ['renamed.order_id is null or renamed.payment_number is null', 'key is missing'],
            ['orders.order_id is null', 'order is not in the extract'],
            ['renamed.payment_amount is null', 'amount is missing'],
            ['renamed.payment_amount < 0', 'amount is negative'],
        ]) }} as quarantine_reason
    from renamed
    left join orders on renamed.order_id = orders.order_id
)

select * from checked
