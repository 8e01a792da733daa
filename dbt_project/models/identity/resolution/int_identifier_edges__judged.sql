{{ config(materialized='view') }}

{# Every identifier of every record: whether it links, and why. #}
with identifiers as (
    select * from {{ ref('int_identifiers__judged') }}
),

links as (
    select * from {{ ref('int_links__dated') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

latest_rules as (
    select * from {{ ref('int_identity_rules__dated') }}
    where is_latest_rule
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

final as (
    select
        identifiers.customer_identifier_id as edge_key,
        'identifier' as edge_type,
        identifiers.source_system,
        identifiers.customer_key,
        cast(null as {{ dbt.type_string() }}) as other_customer_key,
        identifiers.identifier_type,
        identifiers.identifier_value,
        latest_rules.rule_name,
        latest_rules.priority,
        latest_rules.link_probability,
        identifiers.source_value as evidence,
        case
            when identifiers.no_link_reason = 'no other record has it' then 'accepted'
            when identifiers.no_link_reason is not null then 'rejected'
            when linking.together_count > 1 or linking.record_count = 1 then 'accepted'
            else 'rejected'
        end as decision,
        case
            when identifiers.no_link_reason is not null then identifiers.no_link_reason
            when linking.customer_key is null and identifiers.record_count > latest_rules.max_records
                then 'more than ' || cast(latest_rules.max_records as {{ dbt.type_string() }}) || ' records have it'
            when linking.customer_key is null then 'the rule is no longer in force'
            when linking.together_count > 1 then 'shared by records of one customer'
            when linking.record_count = 1 then 'no other record that may link has it'
            else 'linking it would join what cannot be one person'
        end as decision_reason,
        identifiers.first_seen_at,
        identifiers.known_at
    from identifiers
    left join latest_rules on identifiers.identifier_type = latest_rules.identifier_type
    left join linking
        on
            identifiers.customer_key = linking.customer_key
            and identifiers.value_key = linking.value_key
)

select * from final
