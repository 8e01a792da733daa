{{ config(materialized='view') }}

{# Every pair of records that is alike, or that a person decided about: whether it links, and why. #}
with pairs as (
    {{ identity_pairs() }}
),

records as (
    select
        customer_key,
        source_system,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as known_at
    from {{ ref('dim_customer_records') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

latest_rules as (
    select * from {{ ref('int_identity_rules__dated') }}
    where is_latest_rule
),

final as (
    select
        pairs.identifier_type || ':' || pairs.customer_key_a || '|' || pairs.customer_key_b as edge_key,
        case pairs.identifier_type when 'probabilistic' then 'probabilistic' else 'override' end as edge_type,
        records_a.source_system,
        pairs.customer_key_a as customer_key,
        pairs.customer_key_b as other_customer_key,
        pairs.identifier_type,
        cast(null as {{ dbt.type_string() }}) as identifier_value,
        coalesce(latest_rules.rule_name, 'a person decided') as rule_name,
        coalesce(latest_rules.priority, 0) as priority,
        pairs.link_probability,
        pairs.evidence,
        case
            when pairs.identifier_type = 'cannot_link' then 'rejected'
            when not pairs.is_strong_enough then 'rejected'
            when keys_a.customer_id = keys_b.customer_id then 'accepted'
            else 'rejected'
        end as decision,
        case
            when pairs.identifier_type = 'cannot_link' then 'a person decided that they are two'
            when pairs.identifier_type = 'must_link' and keys_a.customer_id = keys_b.customer_id
                then 'a person decided that they are one'
            when not pairs.is_strong_enough then 'not alike enough'
            when keys_a.customer_id = keys_b.customer_id then 'alike beyond chance'
            else 'linking them would join what cannot be one person'
        end as decision_reason,
        cast(null as timestamp) as first_seen_at,
        greatest(records_a.known_at, records_b.known_at) as known_at
    from pairs
    inner join records as records_a on pairs.customer_key_a = records_a.customer_key
    inner join records as records_b on pairs.customer_key_b = records_b.customer_key
    inner join customer_keys as keys_a on pairs.customer_key_a = keys_a.customer_key
    inner join customer_keys as keys_b on pairs.customer_key_b = keys_b.customer_key
    left join latest_rules on pairs.identifier_type = latest_rules.identifier_type
)

select * from final
