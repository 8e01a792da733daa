{{ config(enabled=is_enabled_source()) }}

with persons as (
    select * from {{ latest_versions('base_febrl__persons', ['record_id']) }} as latest
),

final as (
    select
        {{ source_key('record_id') }} as customer_key,
        '{{ this_source() }}' as source_system,
        'stated_birth_date' as trait_type,
        stated_birth_date as trait_value
    from persons
    where stated_birth_date is not null
)

select * from final
