{{ config(enabled=is_enabled_source()) }}

select
    '{{ this_source() }}:marketplace' as store_id,
    '{{ this_source() }}' as source_system,
    'Marketplace' as store_name,
    'web' as channel
