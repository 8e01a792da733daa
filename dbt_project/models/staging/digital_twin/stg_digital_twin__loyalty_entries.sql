{{ config(enabled=is_enabled_source()) }}

with entries as (
    select * from {{ latest_versions('base_digital_twin__loyalty_ledger', ['entry_no']) }} as latest
),

final as (
    select
        {{ source_key('entry_no') }} as loyalty_entry_id,
        '{{ this_source() }}' as source_system,
        '{{ this_source() }}:loyalty:' || member_no as customer_key,
        entry_type,
        points,
        entry_reason,
        -- Points are booked for web orders and for baskets; a basket is an order of the grocery chain's own source.
        case
            when {{ matches_pattern('reference', '^[0-9]+$') }} then 'complete_journey:' || reference
            else {{ source_key('reference') }}
        end as order_id,
        occurred_at,
        occurred_at as known_at,
        loaded_at
    from entries
)

select * from final
