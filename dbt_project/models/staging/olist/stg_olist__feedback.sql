{{ config(enabled=is_enabled_source()) }}

{# A review speaks of an order, its delivery included: it is no judgement on one product. #}
with order_reviews as (
    select * from {{ latest_versions('base_olist__order_reviews', ['review_id', 'order_id']) }} as latest
),

orders as (
    select * from {{ latest_versions('base_olist__orders', ['order_id']) }} as latest
),

customers as (
    select * from {{ latest_versions('base_olist__customers', ['customer_id']) }} as latest
),

final as (
    select
        ---------- ids
        {{ source_key(['order_reviews.review_id', 'order_reviews.order_id']) }} as feedback_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('customers.person_id') }} as customer_key,
        {{ source_key('order_reviews.order_id') }} as order_id,
        ---------- strings
        'review' as feedback_type,
        -- The form comes by e-mail.
        'email' as channel,
        order_reviews.title as feedback_title,
        order_reviews.message as feedback_text,
        case when coalesce(order_reviews.title, order_reviews.message) is not null then 'pt' end as language,
        ---------- numerics
        order_reviews.score,
        5 as max_score,
        ---------- timestamps
        order_reviews.occurred_at,
        order_reviews.occurred_at as known_at,
        greatest(order_reviews.loaded_at, orders.loaded_at, customers.loaded_at) as loaded_at
    from order_reviews
    inner join orders on order_reviews.order_id = orders.order_id
    left join customers on orders.customer_id = customers.customer_id
)

select * from final
