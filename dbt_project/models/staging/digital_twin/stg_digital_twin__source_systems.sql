{{ config(enabled=is_enabled_source()) }}

select
    '{{ this_source() }}' as source_system,
    'Digital twin (simulated)' as source_name,
    true as is_simulated,
    -- The shops stand where the grocery chain's stores stand; staging brings the clocks of all systems here.
    'America/New_York' as time_zone,
    'USD' as currency
