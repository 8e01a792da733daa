{#
    What a record says that a record linked to it, near or far, says otherwise: two names, birth dates or card numbers
    that cannot be one person's. It answers why linked records are not one customer.
#}
with records as (
    select * from {{ ref('int_records__by_moment') }}
    where
        is_latest_moment
        and is_linked
),

facts as (
    select * from {{ ref('int_facts__by_moment') }}
),

contradictions as (
    select * from {{ ref('int_contradictions__found') }}
),

{# Each pair of values contradicts both ways. #}
directed as (
    select
        component,
        fact_type,
        fact_value_a as fact_value,
        fact_value_b as other_fact_value
    from contradictions
    union all
    select
        component,
        fact_type,
        fact_value_b as fact_value,
        fact_value_a as other_fact_value
    from contradictions
),

final as (
    select
        records.customer_key,
        records.source_system,
        facts.fact_type,
        facts.fact_value,
        directed.other_fact_value,
        facts.component as group_key
    from records
    inner join facts on records.record_node = facts.record_node
    inner join directed
        on
            facts.component = directed.component
            and facts.fact_type = directed.fact_type
            and facts.fact_value = directed.fact_value
)

select * from final
