{{ config(enabled=is_enabled_source()) }}

{# Every record is a customer of its own here: what its number says about duplicates is for tests to look at. #}
with persons as (
    select * from {{ latest_versions('base_febrl__persons', ['record_id']) }} as latest
),

first_loads as (
    select
        record_id,
        min(loaded_at) as first_loaded_at
    from {{ ref('base_febrl__persons') }}
    group by record_id
),

final as (
    select
        {{ source_key('persons.record_id') }} as customer_key,
        '{{ this_source() }}' as source_system,
        'registry' as record_system,
        -- The source has no times: a record is known when it arrives.
        first_loads.first_loaded_at as first_known_at,
        persons.given_name,
        persons.family_name,
        persons.birth_date,
        trim(coalesce(persons.house_number, '') || ' ' || persons.street) as street_address,
        persons.city,
        persons.postal_code,
        'AU' as country_code,
        'en' as language,
        persons.loaded_at as last_changed_at,
        first_loads.first_loaded_at
    from persons
    inner join first_loads on persons.record_id = first_loads.record_id
)

select * from final
