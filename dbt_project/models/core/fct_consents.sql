{# A consent holds until the next word of the same customer on the same purpose and channel. #}
with changes as (
    select * from {{ ref('int_consent_changes__unioned') }}
),

followed as (
    select
        *,
        lead(occurred_at) over (
            partition by customer_key, consent_purpose, channel
            order by occurred_at, known_at, consent_change_id
        ) as next_at
    from changes
),

final as (
    select
        consent_change_id as consent_id,
        source_system,
        customer_key,
        consent_purpose,
        channel,
        is_granted,
        consent_evidence,
        occurred_at as valid_from_at,
        next_at as valid_to_at,
        next_at is null as is_current,
        known_at,
        loaded_at
    from followed
    -- Said twice in the same moment: the later word counts, the earlier one never held.
    where next_at is null or next_at > occurred_at
)

select * from final
