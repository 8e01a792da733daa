{{ config(enabled=is_enabled_source()) }}

select
    '{{ this_source() }}' as source_system,
    'Online Retail II (gifts, web shop)' as source_name,
    false as is_simulated,
    -- The shop's own clock: its invoices are written between six in the morning and nine in the evening.
    'Europe/London' as time_zone,
    'GBP' as currency
