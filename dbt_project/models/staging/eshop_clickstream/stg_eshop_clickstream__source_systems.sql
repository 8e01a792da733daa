{{ config(enabled=is_enabled_source()) }}

select
    '{{ this_source() }}' as source_system,
    'Clothes shop clicks (web shop, Poland)' as source_name,
    false as is_simulated,
    'Europe/Warsaw' as time_zone,
    -- A Polish shop whose publisher gives prices in US dollars.
    'USD' as currency
