{{ config(enabled=is_enabled_source()) }}

select
    '{{ this_source() }}:web_shop' as store_id,
    '{{ this_source() }}' as source_system,
    'Web shop' as store_name,
    'web' as channel
