{{ config(enabled=is_enabled_source()) }}

with tickets as (
    select * from {{ latest_states('base_digital_twin__support_tickets', ['ticket_no']) }} as latest
),

final as (
    select
        {{ source_key('ticket_no') }} as ticket_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('customer_no') }} as customer_key,
        channel,
        ticket_topic,
        ticket_priority,
        ticket_status,
        subject,
        {{ source_key('order_no') }} as order_id,
        {{ source_key('sku') }} as product_id,
        occurred_at,
        first_replied_at,
        resolved_at,
        occurred_at as known_at,
        loaded_at
    from tickets
)

select * from final
