{{ config(enabled=is_enabled_source()) }}

select
    '{{ this_source() }}' as source_system,
    'The Complete Journey (grocery)' as source_name,
    false as is_simulated,
    -- Weeks of the source turn over at midnight in this zone, which is how we know it.
    'America/New_York' as time_zone,
    'USD' as currency
