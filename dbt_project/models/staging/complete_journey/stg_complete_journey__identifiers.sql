{{ config(enabled=is_enabled_source()) }}

{# A household is known by the number of its loyalty card, and by nothing else. #}
with records as (
    select * from {{ ref('stg_complete_journey__customer_records') }}
),

final as (
    select
        {{ dbt.hash("customer_key || '|loyalty_card'") }} as customer_identifier_id,
        source_system,
        customer_key,
        'loyalty_card' as identifier_type,
        {{ text_part('customer_key', ':', 2) }} as identifier_value,
        {{ text_part('customer_key', ':', 2) }} as source_value,
        first_known_at as first_seen_at,
        first_known_at as last_seen_at,
        first_loaded_at
    from records
)

select * from final
