{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'b2b_opportunities') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('oppid') }} as opportunity_no,
        {{ clean_text('leadid') }} as lead_no,
        {{ clean_text('accountno') }} as company_no,
        ---------- strings
        {{ tidy_text('name') }} as opportunity_name,
        {{ decoded('stage', {
            'prospect': 'prospecting',
            'proposal': 'proposal',
            'negotiation': 'negotiation',
            'closed won': 'won',
            'closed lost': 'lost',
        }) }} as opportunity_stage,
        ---------- numerics
        {{ amount_from_text('amount') }} as expected_amount,
        cast({{ integer_from_text("replace(probability, '%', '')") }} / 100.0 as double) as win_probability,
        ---------- dates and timestamps
        {{ utc_from_iso_text('createdat') }} as occurred_at,
        cast({{ cast_or_null('closedate', 'timestamp') }} as date) as expected_close_date,
        {{ utc_from_iso_text('closedat') }} as closed_at,
        {{ utc_from_iso_text('modifiedat') }} as last_changed_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['opportunity_no is null', 'key is missing'],
            ['opportunity_stage is null', 'stage is not known'],
            ['expected_amount is null', 'amount is missing or cannot be read'],
            ['win_probability < 0 or win_probability > 1', 'probability is out of range'],
            ['last_changed_at is null', 'time of the change is missing or cannot be read'],
            ['closed_at < occurred_at', 'closed before it was created'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
