{{ config(enabled=is_enabled_source()) }}

{# The source has no table of stores: a store is known by what was sold or promoted there. #}
with mentioned as (
    select store_id
    from {{ ref('base_complete_journey__transactions') }}
    where quarantine_reason is null
    union
    select store_id
    from {{ ref('base_complete_journey__promotions') }}
    where quarantine_reason is null
),

final as (
    select
        {{ source_key('store_id') }} as store_id,
        '{{ this_source() }}' as source_system,
        'Store ' || cast(store_id as {{ dbt.type_string() }}) as store_name,
        'store' as channel
    from mentioned
)

select * from final
