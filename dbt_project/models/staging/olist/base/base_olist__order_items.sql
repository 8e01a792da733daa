{# A table, not a view: order lines, accounts and quarantine read it. #}
{{ config(enabled=is_enabled_source(), materialized='table') }}

with source as (
    select * from {{ source('raw_olist', 'order_items') }}
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
        order_item_id as item_number,
        {{ clean_text('product_id') }} as product_id,
        {{ clean_text('seller_id') }} as seller_id,
        ---------- numerics
        {{ exact_amount('price') }} as price_amount,
        {{ exact_amount('freight_value') }} as freight_amount,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

{# Only the order tells time and customer. Should it come later, the item is taken in then. #}
checked as (
    select
        renamed.*,
        {{ quarantine_reason([
            ['renamed.order_id is null or renamed.item_number is null', 'key is missing'],
            ['orders.order_id is null', 'order is not in the extract'],
            ['renamed.product_id is null', 'product is missing'],
            ['renamed.price_amount is null', 'price is missing'],
            ['renamed.price_amount < 0 or renamed.freight_amount < 0', 'price is negative'],
        ]) }} as quarantine_reason
    from renamed
    left join orders on renamed.order_id = orders.order_id
)

select * from checked
