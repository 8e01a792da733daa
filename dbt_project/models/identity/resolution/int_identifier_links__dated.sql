{{ config(materialized='view') }}

{#
    Links by shared identifiers, with the time during which they count: as long as the rule is in force, and no more
    records have the value than it allows. The load that brings one too many ends all of the value's links.
#}
with identifiers as (
    select * from {{ ref('int_identifiers__judged') }}
    where no_link_reason is null
),

rules as (
    select * from {{ ref('int_identity_rules__dated') }}
),

limits_passed as (
    select
        identifiers.value_key,
        rules.valid_from,
        min(identifiers.known_at) as passed_at
    from identifiers
    inner join rules on identifiers.identifier_type = rules.identifier_type
    where identifiers.record_number > rules.max_records
    group by
        identifiers.value_key,
        rules.valid_from
),

final as (
    select
        identifiers.customer_key,
        identifiers.value_key,
        identifiers.identifier_type,
        rules.rule_name,
        rules.priority,
        rules.is_checked_by_person,
        rules.link_probability,
        identifiers.identifier_value as evidence,
        identifiers.first_seen_at,
        greatest(identifiers.known_at, rules.valid_from) as linked_from,
        least(
            coalesce(limits_passed.passed_at, rules.valid_to),
            coalesce(rules.valid_to, limits_passed.passed_at)
        ) as linked_to
    from identifiers
    inner join rules on identifiers.identifier_type = rules.identifier_type
    left join limits_passed
        on
            identifiers.value_key = limits_passed.value_key
            and rules.valid_from = limits_passed.valid_from
)

select * from final
