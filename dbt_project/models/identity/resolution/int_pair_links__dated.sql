{{ config(materialized='view') }}

{#
    Links between two records that share no identifier, with the time during which they count: what a person decided,
    from the day of the decision; what is alike beyond chance, since both records are known.
#}
with rules as (
    select * from {{ ref('int_identity_rules__dated') }}
),

records as (
    select
        customer_key,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as known_at
    from {{ ref('dim_customer_records') }}
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

final as (
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
)

select * from final
