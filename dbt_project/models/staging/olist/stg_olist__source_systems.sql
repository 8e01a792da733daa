{{ config(enabled=is_enabled_source()) }}

select
    '{{ this_source() }}' as source_system,
    'Olist (marketplace, Brazil)' as source_name,
    false as is_simulated,
    -- Times carry no zone; orders are fewest at four in the morning on the clock of most of Brazil.
    'America/Sao_Paulo' as time_zone,
    'BRL' as currency
