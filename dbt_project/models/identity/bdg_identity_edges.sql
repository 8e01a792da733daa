{#
    The identity graph as it stands, for those who ask why: every identifier of every record, every pair that is alike
    beyond chance or that a person decided about, whether it links, and the reason.
#}
with identifiers as (
    select * from {{ ref('int_identifiers__judged') }}
),

links as (
    select * from {{ ref('int_links__dated') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

rules as (
    select
        *,
        row_number() over (partition by identifier_type order by coalesce(valid_from, '') desc) as rule_rank
    from {{ ref('identity_rules') }}
),

pairs as (
    {{ identity_pairs() }}
),

records as (
    select
        customer_key,
        source_system,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as known_at
    from {{ ref('dim_customer_records') }}
),

{# A link that counts has done its work if a record with the same value is with the same customer. #}
linking as (
    select
        customer_keys.customer_id,
        links.customer_key,
        links.value_key,
        count(*) over (partition by links.value_key, customer_keys.customer_id) as together_count,
        count(*) over (partition by links.value_key) as record_count
    from links
    inner join customer_keys on links.customer_key = customer_keys.customer_key
    where
        links.linked_to is null
        and links.identifier_type not in ('probabilistic', 'must_link')
),

identifier_edges as (
    select
        identifiers.customer_identifier_id as edge_key,
        'identifier' as edge_type,
        identifiers.source_system,
        identifiers.customer_key,
        cast(null as {{ dbt.type_string() }}) as other_customer_key,
        identifiers.identifier_type,
        identifiers.identifier_value,
        rules.rule_name,
        rules.priority,
        cast(rules.link_probability as double) as link_probability,
        identifiers.source_value as evidence,
        case
            when identifiers.no_link_reason = 'no other record has it' then 'accepted'
            when identifiers.no_link_reason is not null then 'rejected'
            when linking.together_count > 1 or linking.record_count = 1 then 'accepted'
            else 'rejected'
        end as decision,
        case
            when identifiers.no_link_reason is not null then identifiers.no_link_reason
            when linking.customer_key is null and identifiers.record_count > rules.max_records
                then 'more than ' || cast(rules.max_records as {{ dbt.type_string() }}) || ' records have it'
            when linking.customer_key is null then 'the rule is no longer in force'
            when linking.together_count > 1 then 'shared by records of one customer'
            when linking.record_count = 1 then 'no other record that may link has it'
            else 'linking it would join what cannot be one person'
        end as decision_reason,
        identifiers.first_seen_at,
        identifiers.known_at
    from identifiers
    left join rules
        on
            identifiers.identifier_type = rules.identifier_type
            and rules.rule_rank = 1
    left join linking
        on
            identifiers.customer_key = linking.customer_key
            and identifiers.value_key = linking.value_key
),

pair_edges as (
    select
        pairs.identifier_type || ':' || pairs.customer_key_a || '|' || pairs.customer_key_b as edge_key,
        case pairs.identifier_type when 'probabilistic' then 'probabilistic' else 'override' end as edge_type,
        records_a.source_system,
        pairs.customer_key_a as customer_key,
        pairs.customer_key_b as other_customer_key,
        pairs.identifier_type,
        cast(null as {{ dbt.type_string() }}) as identifier_value,
        coalesce(rules.rule_name, 'a person decided') as rule_name,
        coalesce(rules.priority, 0) as priority,
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
    left join rules
        on
            pairs.identifier_type = rules.identifier_type
            and rules.rule_rank = 1
),

edges as (
    select * from identifier_edges
    union all
    select * from pair_edges
),

final as (
    select
        {{ dbt.hash('edge_key') }} as edge_id,
        edge_type,
        source_system,
        customer_key,
        other_customer_key,
        identifier_type,
        identifier_value,
        rule_name,
        cast(priority as integer) as priority,
        link_probability,
        evidence,
        decision,
        decision_reason,
        first_seen_at,
        known_at
    from edges
)

select * from final
