{#
    Every link between a record and what it shares with others, with the time during which it counts. A rule has
    dates. A value links as long as no more records have it than its rule allows: the load that brings one too many
    ends all of its links. What a person decided counts from the day of the decision, and what is alike beyond chance
    since both records are known.
#}
with identifiers as (
    select * from {{ ref('int_identifiers__judged') }}
    where no_link_reason is null
),

rules as (
    select
        identifier_type,
        rule_name,
        priority,
        max_records,
        is_checked_by_person,
        link_probability,
        coalesce(cast(nullif(valid_from, '') as timestamp), timestamp '1900-01-01 00:00:00') as valid_from,
        cast(nullif(valid_to, '') as timestamp) as valid_to
    from {{ ref('identity_rules') }}
),

records as (
    select
        customer_key,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as known_at
    from {{ ref('dim_customer_records') }}
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

identifier_links as (
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
),

pairs as (
    select * from ({{ identity_pairs() }}) as pairs
    where
        is_strong_enough
        and identifier_type <> 'cannot_link'
),

pair_sides as (
    select
        *,
        customer_key_a as customer_key
    from pairs
    union all
    select
        *,
        customer_key_b as customer_key
    from pairs
),

pair_links as (
    select
        pair_sides.customer_key,
        pair_sides.identifier_type || ':' || pair_sides.customer_key_a || '|' || pair_sides.customer_key_b
            as value_key,
        pair_sides.identifier_type,
        rules.rule_name,
        rules.priority,
        rules.is_checked_by_person,
        pair_sides.link_probability,
        pair_sides.evidence,
        cast(null as timestamp) as first_seen_at,
        greatest(
            records_a.known_at,
            records_b.known_at,
            rules.valid_from,
            coalesce(pair_sides.decided_at, rules.valid_from)
        ) as linked_from,
        rules.valid_to as linked_to
    from pair_sides
    inner join rules on pair_sides.identifier_type = rules.identifier_type
    inner join records as records_a on pair_sides.customer_key_a = records_a.customer_key
    inner join records as records_b on pair_sides.customer_key_b = records_b.customer_key
),

links as (
    select * from identifier_links
    union all
    select * from pair_links
),

final as (
    select * from links
    where linked_to is null or linked_from < linked_to
)

select * from final
