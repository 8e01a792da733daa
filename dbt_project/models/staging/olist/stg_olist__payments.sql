{{ config(enabled=is_enabled_source()) }}

with order_payments as (
    select * from {{ latest_versions('base_olist__order_payments', ['order_id', 'payment_number']) }} as latest
),

orders as (
    select * from {{ latest_versions('base_olist__orders', ['order_id']) }} as latest
),

customers as (
    select * from {{ latest_versions('base_olist__customers', ['customer_id']) }} as latest
),

payment_methods as (
    select * from {{ ref('olist__payment_methods') }}
),

final as (
    select
        ---------- ids
        {{ source_key(['order_payments.order_id', 'order_payments.payment_number']) }} as payment_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('order_payments.order_id') }} as order_id,
        {{ source_key('customers.person_id') }} as customer_key,
        ---------- strings
        payment_methods.payment_method,
        -- Whether the money of an order came that nobody approved or delivered is not told; refunds are not either.
        case when coalesce(orders.approved_at, orders.delivered_at) is not null then 'paid' end as payment_status,
        ---------- numerics
        case when order_payments.instalment_count > 0 then order_payments.instalment_count end as instalment_count,
        order_payments.payment_amount,
        ---------- timestamps
        coalesce(orders.approved_at, orders.occurred_at) as occurred_at,
        coalesce(orders.approved_at, orders.occurred_at) as known_at,
        greatest(order_payments.loaded_at, orders.loaded_at, customers.loaded_at) as loaded_at
    from order_payments
    inner join orders on order_payments.order_id = orders.order_id
    left join customers on orders.customer_id = customers.customer_id
    left join payment_methods on order_payments.payment_type = payment_methods.payment_type
)

select * from final
