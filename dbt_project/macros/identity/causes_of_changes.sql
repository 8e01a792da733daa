{#
    Why a customer changed: of the links that began at the moment of a merge, or ended at that of a split, the one of
    the strongest rule among the records that the change is about; or the decision of a person. changes: a relation
    with change_key, change_type, customer_id, other_customer_id, changed_at.
#}
{% macro causes_of_changes(changes) %}
    select
        change_key,
        cause,
        effective_at
    from (
        select
            found.*,
            row_number() over (partition by change_key order by priority, cause) as cause_rank
        from (
            select
                changes.change_key,
                links.priority,
                case when changes.change_type = 'split' then 'no longer: ' else '' end
                || links.rule_name || ': ' || links.evidence as cause,
                case when changes.change_type <> 'split' then links.first_seen_at end as effective_at
            from {{ changes }} as changes
            inner join {{ ref('int_records__anchored') }} as records
                on
                    changes.changed_at = records.known_at
                    and records.customer_id in (changes.customer_id, changes.other_customer_id)
            inner join {{ ref('int_links__dated') }} as links
                on
                    records.customer_key = links.customer_key
                    and changes.changed_at
                    = case when changes.change_type = 'split' then links.linked_to else links.linked_from end
            where changes.change_type <> 'created'
            union all
            select
                changes.change_key,
                -1 as priority,
                'decided by ' || decisions.decided_by || ': ' || decisions.reason as cause,
                cast(decisions.effective_at as timestamp) as effective_at
            from {{ changes }} as changes
            inner join {{ ref('int_records__anchored') }} as records
                on
                    changes.changed_at = records.known_at
                    and records.customer_id in (changes.customer_id, changes.other_customer_id)
            inner join {{ ref('identity_overrides') }} as decisions
                on
                    records.customer_key in (decisions.customer_key_a, decisions.customer_key_b)
                    and changes.changed_at = cast(decisions.effective_at as timestamp)
            where changes.change_type <> 'created'
        ) as found
    ) as ranked
    where cause_rank = 1
{% endmacro %}
