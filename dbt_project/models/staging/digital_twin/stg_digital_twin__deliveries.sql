{{ config(enabled=is_enabled_source()) }}

with deliveries as (
    select * from {{ latest_versions('base_digital_twin__audience_deliveries', ['delivery_no']) }} as latest
),

final as (
    select
        {{ source_key('delivery_no') }} as delivery_id,
        '{{ this_source() }}' as source_system,
        destination,
        audience_name,
        '{{ this_source() }}:crm:' || contact_id as customer_key,
        delivery_action,
        delivery_status,
        rejection_reason,
        occurred_at,
        occurred_at as known_at,
        loaded_at
    from deliveries
)

select * from final
