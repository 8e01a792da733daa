{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'loyalty_ledger') }}
),

tidied as (
    select
        {{ clean_text('entryno') }} as entry_no,
        {{ known_text('memberno') }} as member_no,
        {{ known_text('reference') }} as reference,
        {{ decoded('kind', {
            'earn': 'earned', 'burn': 'spent', 'expire': 'expired', 'adjust': 'corrected'
        }) }} as entry_type,
        lower({{ known_text('reason') }}) as entry_reason,
        {{ integer_from_text('points') }} as points,
        {{ utc_from_local(time_from_text('bookedat', 'day_first'), "'America/New_York'") }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        ---------- ids
        entry_no,
        member_no,
        reference,
        ---------- strings
        entry_type,
        entry_reason,
        ---------- numerics
        -- What is spent or expires takes points away, with or without a minus.
        case when entry_type in ('spent', 'expired') then -abs(points) else points end as points,
        ---------- timestamps
        occurred_at,
        loaded_at,
        batch_id
    from tidied
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['entry_no is null', 'key is missing'],
            ['member_no is null', 'member is missing'],
            ['entry_type is null', 'kind is not known'],
            ['points is null', 'points are missing or cannot be read'],
            ["entry_type = 'earned' and points < 0", 'points are earned with a minus'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
