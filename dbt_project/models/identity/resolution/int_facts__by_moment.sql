{# The facts that are known at a moment about records that are linked then. #}
with connected as (
    select * from {{ ref('int_records__connected') }}
),

records as (
    select * from {{ ref('int_records__by_moment') }}
    where is_linked
),

facts as (
    select * from {{ ref('int_person_facts__listed') }}
),

final as (
    select
        records.record_node,
        connected.component,
        facts.fact_type,
        facts.fact_value
    from records
    inner join connected on records.record_node = connected.node
    inner join facts
        on
            records.customer_key = facts.customer_key
            and records.known_at >= facts.known_at
)

select * from final
