{{ config(enabled=is_enabled_source()) }}

select
    '{{ this_source() }}' as source_system,
    'Febrl (made-up persons, Australia)' as source_name,
    true as is_simulated,
    'Australia/Sydney' as time_zone,
    'AUD' as currency
