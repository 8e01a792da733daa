{{ config(enabled=is_enabled_source()) }}

with changes as (
    select * from {{ latest_versions('base_digital_twin__consent_log', ['log_no']) }} as latest
),

final as (
    select
        {{ source_key('log_no') }} as consent_change_id,
        '{{ this_source() }}' as source_system,
        '{{ this_source() }}:crm:' || contact_id as customer_key,
        consent_purpose,
        channel,
        is_granted,
        consent_evidence,
        occurred_at,
        occurred_at as known_at,
        loaded_at
    from changes
)

select * from final
