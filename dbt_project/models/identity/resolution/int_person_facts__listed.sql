{#
    What a record says about its person that another record can contradict: the name, the birth date, the value of
    an identifier of which a customer has one at most, and the side that it takes in a decision that two records are
    not one.
#}
with records as (
    select
        customer_key,
        {{ comparable_name('given_name') }} as given_name,
        {{ comparable_name('family_name') }} as family_name,
        birth_date,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as known_at
    from {{ ref('dim_customer_records') }}
),

identifiers as (
    select * from {{ ref('int_identifiers__judged') }}
    where coalesce(no_link_reason, '') not like 'blocked%'
),

exclusive_types as (
    select distinct identifier_type
    from {{ ref('identity_rules') }}
    where is_exclusive
),

decisions as (
    select
        *,
        'decision:' || customer_key_a || '|' || customer_key_b as fact_type,
        cast(effective_at as timestamp) as decided_at
    from {{ ref('identity_overrides') }}
    where decision = 'cannot_link'
),

final as (
    select
        customer_key,
        'name' as fact_type,
        given_name || '|' || coalesce(family_name, '') as fact_value,
        known_at
    from records
    where given_name is not null
    union all
    select
        customer_key,
        'birth_date' as fact_type,
        cast(birth_date as {{ dbt.type_string() }}) as fact_value,
        known_at
    from records
    where birth_date is not null
    union all
    select
        identifiers.customer_key,
        'exclusive:' || identifiers.identifier_type as fact_type,
        identifiers.identifier_value as fact_value,
        identifiers.known_at
    from identifiers
    inner join exclusive_types on identifiers.identifier_type = exclusive_types.identifier_type
    union all
    select
        customer_key_a as customer_key,
        fact_type,
        'a' as fact_value,
        decided_at as known_at
    from decisions
    union all
    select
        customer_key_b as customer_key,
        fact_type,
        'b' as fact_value,
        decided_at as known_at
    from decisions
)

select * from final
