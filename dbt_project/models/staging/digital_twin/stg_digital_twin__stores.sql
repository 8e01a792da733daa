{{ config(enabled=is_enabled_source()) }}

{# The web shop sells. The stores of the grocery chain only count visits: what they sell is another source's to tell. #}
with visited as (
    select distinct store_no
    from {{ ref('base_digital_twin__store_visits') }}
    where quarantine_reason is null
),

final as (
    select
        '{{ this_source() }}:web_shop' as store_id,
        '{{ this_source() }}' as source_system,
        'Web shop' as store_name,
        'web' as channel
    union all
    select
        '{{ this_source() }}:store:' || store_no as store_id,
        '{{ this_source() }}' as source_system,
        'Store ' || store_no || ' (visits)' as store_name,
        'store' as channel
    from visited
)

select * from final
