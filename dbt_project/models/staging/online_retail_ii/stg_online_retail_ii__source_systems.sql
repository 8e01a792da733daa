{{ config(enabled=is_enabled_source()) }}

select
    '{{ this_source() }}' as source_system,
    'Online Retail II (gifts, web shop)' as source_name,
    false as is_simulated,
    -- Times carry no zone; invoices from six in the morning to ten in the evening are those of a British working day.
    'Europe/London' as time_zone,
    'GBP' as currency
