{{ config(enabled=is_enabled_source()) }}

with leads as (
    select * from {{ latest_states('base_digital_twin__b2b_leads', ['lead_no']) }} as latest
),

final as (
    select
        {{ source_key('lead_no') }} as lead_id,
        '{{ this_source() }}' as source_system,
        '{{ this_source() }}:company_contact:' || contact_no as customer_key,
        {{ source_key('company_no') }} as account_id,
        lead_source,
        landing_page,
        lead_status,
        lead_status in ('qualified', 'converted') as is_qualified,
        lead_status = 'converted' as is_converted,
        occurred_at,
        converted_at,
        occurred_at as known_at,
        loaded_at
    from leads
)

select * from final
