{{ config(enabled=is_enabled_source()) }}

with payments as (
    select * from {{ latest_versions('base_digital_twin__shop_payments', ['payment_no']) }} as latest
),

{#
    A payment names no customer; the order that it pays does. A cancelled order is no sale, but what was paid and
    given back for it was a customer's.
#}
orders as (
    select
        order_no,
        min('shop:' || account_id) as account_customer_no,
        min('guest:' || email) as guest_customer_no,
        max(loaded_at) as loaded_at
    from {{ ref('base_digital_twin__shop_order_lines') }}
    where coalesce(quarantine_reason, '') in ('', 'cancelled before it was shipped')
    group by order_no
),

final as (
    select
        {{ source_key('payments.payment_no') }} as payment_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('payments.order_no') }} as order_id,
        {{ source_key('coalesce(orders.account_customer_no, orders.guest_customer_no)') }} as customer_key,
        payments.payment_method,
        payments.payment_status,
        payments.instalment_count,
        payments.payment_amount,
        payments.occurred_at,
        payments.occurred_at as known_at,
        -- A payment that comes before its order counts as loaded again with it.
        greatest(payments.loaded_at, coalesce(orders.loaded_at, payments.loaded_at)) as loaded_at
    from payments
    left join orders on payments.order_no = orders.order_no
)

select * from final
