{# A table, not a view: many models read it, and its texts are costly to read. #}
{{ config(enabled=is_enabled_source(), materialized='table') }}

{#
    A cancelled line is no sale: nothing was shipped and nothing has to be taken back, so it is kept out, not
    returned.
#}
with source as (
    select * from {{ source('raw_digital_twin', 'shop_order_lines') }}
),

tidied as (
    select
        {{ clean_text('orderno') }} as order_no,
        lineno as line_no,
        {{ known_text('accountid') }} as account_id,
        guestemail as source_email,
        {{ known_text('visitorid') }} as visitor_no,
        upper({{ clean_text('sku') }}) as sku,
        lower(trim(status)) as order_status,
        {{ integer_from_text('quantity') }} as quantity,
        {{ amount_from_text('unitprice') }} as unit_price,
        {{ clean_text('discount') }} as discount,
        {{ utc_from_millisecond_text('placedat') }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        ---------- ids
        order_no,
        line_no,
        account_id,
        {{ email_address('source_email') }} as email,
        source_email,
        visitor_no,
        sku,
        ---------- strings
        order_status,
        ---------- numerics
        quantity,
        unit_price,
        case when discount is null then 0 else {{ amount_from_text('discount') }} end as discount_amount,
        ---------- timestamps
        occurred_at,
        loaded_at,
        batch_id
    from tidied
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['order_no is null or line_no is null', 'key is missing'],
            ['sku is null', 'product is missing'],
            ["order_status = 'test'", 'test order'],
            ["order_status = 'cancelled'", 'cancelled before it was shipped'],
            ["coalesce(order_status, '') not in ('placed', 'shipped')", 'status is not known'],
            ['quantity is null or quantity <= 0', 'quantity is missing, zero or negative'],
            ['unit_price is null', 'price is missing or cannot be read'],
            ['unit_price < 0', 'price is negative'],
            ['discount_amount is null', 'discount cannot be read'],
            ['discount_amount < 0 or discount_amount > quantity * unit_price', 'discount is negative or above price'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
