{#
    What can be compared of two records that share no identifier, in a form in which spellings do not matter. Values
    that are blocked, or that more records have than their rule allows, say nothing about who a person is.
#}
with records as (
    select * from {{ ref('dim_customer_records') }}
),

identifiers as (
    select * from {{ ref('bdg_customer_identifiers') }}
    where identifier_type in ('email', 'phone', 'national_id')
),

traits as (
    select * from {{ ref('int_person_traits__pivoted') }}
),

impersonal_values as (
    select * from {{ ref('int_impersonal_values__found') }}
),

variants as (
    select
        given_name,
        min(canonical_name) as canonical_name
    from {{ ref('given_name_variants') }}
    group by given_name
),

personal_values as (
    select
        identifiers.customer_key,
        min(case when identifiers.identifier_type = 'email' then identifiers.identifier_value end) as email,
        min(case when identifiers.identifier_type = 'phone' then identifiers.identifier_value end) as phone,
        min(case when identifiers.identifier_type = 'national_id' then identifiers.identifier_value end)
            as national_id
    from identifiers
    left join impersonal_values
        on
            identifiers.identifier_type = impersonal_values.identifier_type
            and identifiers.identifier_value = impersonal_values.identifier_value
    where impersonal_values.identifier_value is null
    group by identifiers.customer_key
),

spelled as (
    select
        records.customer_key,
        records.source_system,
        {{ comparable_text('given_name') }} as given_name,
        {{ comparable_text('family_name') }} as family_name,
        -- Dates that forms fill in by themselves say nothing; those that no calendar has still say who is alike.
        case
            when birth_date is null then stated_birth_date
            when birth_date not in (date '1900-01-01', date '1970-01-01')
                then cast(birth_date as {{ dbt.type_string() }})
        end as birth_date,
        {{ comparable_texts(['street_address', 'city', 'postal_code']) }},
        {{ comparable_texts(['gender', 'birth_place', 'occupation', 'employer']) }}
    from records
    left join traits on records.customer_key = traits.customer_key
),

final as (
    select
        spelled.customer_key,
        spelled.source_system,
        spelled.given_name,
        coalesce(variants.canonical_name, spelled.given_name) as canonical_given_name,
        spelled.family_name,
        spelled.birth_date,
        {{ short_street_words('spelled.street_address') }} as street_address,
        spelled.city,
        spelled.postal_code,
        personal_values.email,
        personal_values.phone,
        personal_values.national_id,
        spelled.gender,
        spelled.birth_place,
        spelled.occupation,
        spelled.employer
    from spelled
    left join variants on spelled.given_name = variants.given_name
    left join personal_values on spelled.customer_key = personal_values.customer_key
    where coalesce(spelled.given_name, spelled.family_name, spelled.birth_date, personal_values.national_id) is not null
)

select * from final
