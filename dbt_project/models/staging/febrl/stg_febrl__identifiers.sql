{{ config(enabled=is_enabled_source()) }}

{#
    The national number has typos in it like everything else. Whether it links records is for identity to say: without a
    rule for its type it does not, and is compared like names and addresses.
#}
with persons as (
    select * from {{ ref('base_febrl__persons') }}
    where quarantine_reason is null
),

grouped as (
    select
        {{ source_key('record_id') }} as customer_key,
        'national_id' as identifier_type,
        {{ replace_pattern('national_number', '[^0-9A-Za-z]') }} as identifier_value,
        min(national_number) as source_value,
        min(loaded_at) as first_seen_at,
        max(loaded_at) as last_seen_at,
        min(loaded_at) as first_loaded_at
    from persons
    group by
        record_id,
        {{ replace_pattern('national_number', '[^0-9A-Za-z]') }}
),

final as (
    select
        {{ dbt.hash("customer_key || '|' || identifier_type || '|' || identifier_value") }} as customer_identifier_id,
        '{{ this_source() }}' as source_system,
        customer_key,
        identifier_type,
        identifier_value,
        source_value,
        first_seen_at,
        last_seen_at,
        first_loaded_at
    from grouped
    where identifier_value <> ''
)

select * from final
