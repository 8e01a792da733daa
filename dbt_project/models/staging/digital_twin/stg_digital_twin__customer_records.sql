{{ config(enabled=is_enabled_source()) }}

{#
    Every record of every system is a customer of its own here: who is the same person is found out in identity, not
    guessed in staging.
#}
with mentioned as (
    select * from {{ ref('base_digital_twin__mentioned_customers') }}
),

people as (
    select * from {{ ref('base_digital_twin__people') }}
),

final as (
    select
        {{ source_key('mentioned.customer_no') }} as customer_key,
        '{{ this_source() }}' as source_system,
        mentioned.record_system,
        coalesce(people.first_known_at, mentioned.first_mentioned_at) as first_known_at,
        people.given_name,
        people.family_name,
        people.gender,
        people.birth_date,
        people.street_address,
        people.city,
        people.postal_code,
        people.country_code,
        people.language,
        people.last_changed_at,
        mentioned.first_loaded_at
    from mentioned
    left join people on mentioned.customer_no = people.customer_no
)

select * from final
