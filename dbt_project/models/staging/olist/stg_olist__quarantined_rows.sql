{{ config(enabled=is_enabled_source(), materialized='table') }}

with quarantined as (
    {{ quarantined_rows('base_olist__category_translations', 'category_translations', ['product_category']) }}
    union all
    {{ quarantined_rows('base_olist__closed_deals', 'closed_deals', ['lead_id']) }}
    union all
    {{ quarantined_rows('base_olist__customers', 'customers', ['customer_id']) }}
    union all
    {{ quarantined_rows('base_olist__leads', 'leads', ['lead_id']) }}
    union all
    {{ quarantined_rows('base_olist__order_items', 'order_items', ['order_id', 'item_number']) }}
    union all
    {{ quarantined_rows('base_olist__order_payments', 'order_payments', ['order_id', 'payment_number']) }}
    union all
    {{ quarantined_rows('base_olist__order_reviews', 'order_reviews', ['review_id', 'order_id']) }}
    union all
    {{ quarantined_rows('base_olist__orders', 'orders', ['order_id']) }}
    union all
    {{ quarantined_rows('base_olist__products', 'products', ['product_id']) }}
    union all
    {{ quarantined_rows('base_olist__sellers', 'sellers', ['seller_id']) }}
),

final as (
    select
        *,
        -- Sound rows of an order that was left out of the extract: nobody need repair them.
        reason = 'order is not in the extract' as is_outside_extract
    from quarantined
)

select * from final
