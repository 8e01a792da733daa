with traits as (
    select * from {{ ref('int_person_traits__unioned') }}
),

final as (
    select
        customer_key,
        max(case when trait_type = 'stated_birth_date' then trait_value end) as stated_birth_date,
        max(case when trait_type = 'birth_place' then trait_value end) as birth_place,
        max(case when trait_type = 'occupation' then trait_value end) as occupation,
        max(case when trait_type = 'employer' then trait_value end) as employer
    from traits
    group by customer_key
)

select * from final
