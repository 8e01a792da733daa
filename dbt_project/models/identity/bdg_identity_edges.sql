{# The identity graph as it stands, for those who ask why two records are one customer, or why not. #}
with edges as (
    select * from {{ ref('int_identifier_edges__judged') }}
    union all
    select * from {{ ref('int_pair_edges__judged') }}
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
