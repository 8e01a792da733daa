{# What each rule does: how many records it has joined, and how often it was considered and not followed. #}
with steps as (
    select * from {{ ref('fct_customer_build_steps') }}
),

edges as (
    select * from {{ ref('bdg_identity_edges') }}
),

joined as (
    select
        rule_name,
        source_system,
        count(*) as joined_record_count
    from steps
    where rule_name is not null
    group by
        rule_name,
        source_system
),

considered as (
    select
        rule_name,
        source_system,
        min(priority) as priority,
        sum(case when decision = 'accepted' then 1 else 0 end) as accepted_edge_count,
        sum(case when decision = 'rejected' then 1 else 0 end) as rejected_edge_count
    from edges
    where rule_name is not null
    group by
        rule_name,
        source_system
),

final as (
    select
        considered.rule_name,
        considered.source_system,
        considered.priority,
        cast(coalesce(joined.joined_record_count, 0) as bigint) as joined_record_count,
        cast(considered.accepted_edge_count as bigint) as accepted_edge_count,
        cast(considered.rejected_edge_count as bigint) as rejected_edge_count
    from considered
    left join joined
        on
            considered.rule_name = joined.rule_name
            and considered.source_system = joined.source_system
)

select * from final
