{#
    Why a customer changed: of the links that began at the moment of a merge, or ended at that of a split, the one of
    the strongest rule among the records that the change is about; or the decision of a person.
#}
with changes as (
    select * from {{ ref('int_customer_changes__found') }}
    where change_type <> 'created'
),

records as (
    select * from {{ ref('int_records__anchored') }}
),

links as (
    select * from {{ ref('int_links__dated') }}
),

decisions as (
    select
        *,
        cast(effective_at as timestamp) as decided_at
    from {{ ref('identity_overrides') }}
),

changed_records as (
    select
        changes.change_key,
        changes.change_type = 'split' as is_split,
        changes.changed_at,
        records.customer_key
    from changes
    inner join records
        on
            changes.changed_at = records.known_at
            and changes.customer_id = records.customer_id
    union all
    select
        changes.change_key,
        changes.change_type = 'split' as is_split,
        changes.changed_at,
        records.customer_key
    from changes
    inner join records
        on
            changes.changed_at = records.known_at
            and changes.other_customer_id = records.customer_id
),

found as (
    select
        changed_records.change_key,
        links.priority,
        case when changed_records.is_split then 'no longer: ' else '' end
        || links.rule_name || ': ' || links.evidence as cause,
        case when not changed_records.is_split then links.first_seen_at end as effective_at
    from changed_records
    inner join links
        on
            changed_records.customer_key = links.customer_key
            and changed_records.changed_at
            = case when changed_records.is_split then links.linked_to else links.linked_from end
    union all
    select
        changed_records.change_key,
        -1 as priority,
        'decided by ' || decisions.decided_by || ': ' || decisions.reason as cause,
        decisions.decided_at as effective_at
    from changed_records
    inner join decisions
        on
            changed_records.changed_at = decisions.decided_at
            and changed_records.customer_key in (decisions.customer_key_a, decisions.customer_key_b)
),

ranked as (
    select
        *,
        row_number() over (partition by change_key order by priority, cause, effective_at) as cause_rank
    from found
),

final as (
    select
        change_key,
        cause,
        effective_at
    from ranked
    where cause_rank = 1
)

select * from final
