{# E-mail addresses and phone numbers that reach nobody: what people type into a field that must be filled. #}
with contacts as (
    select distinct
        identifier_type,
        identifier_value
    from {{ ref('bdg_customer_identifiers') }}
    where {{ is_golden_identifier("identifier_type") }}
),

blocked_patterns as (
    select * from {{ ref('identity_blocked_values') }}
),

final as (
    select
        contacts.identifier_type,
        contacts.identifier_value,
        min(blocked_patterns.reason) as reason
    from contacts
    inner join blocked_patterns
        on
            blocked_patterns.identifier_type in ('*', contacts.identifier_type)
            and {{ matches_pattern_of('contacts.identifier_value', 'blocked_patterns.value_pattern') }}
    group by
        contacts.identifier_type,
        contacts.identifier_value
)

select * from final
