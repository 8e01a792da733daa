{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'b2b_leads') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('leadid') }} as lead_no,
        {{ clean_text('contactno') }} as contact_no,
        {{ clean_text('accountno') }} as company_no,
        ---------- strings
        lower({{ known_text('origin') }}) as lead_source,
        {{ known_text('landingpage') }} as landing_page,
        {{ decoded('status', {
            'new': 'open',
            'working': 'open',
            'qualified': 'qualified',
            'converted': 'converted',
            'disqualified': 'disqualified',
        }) }} as lead_status,
        ---------- timestamps
        {{ utc_from_iso_text('createdat') }} as occurred_at,
        {{ utc_from_iso_text('convertedat') }} as converted_at,
        {{ utc_from_iso_text('modifiedat') }} as last_changed_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['lead_no is null', 'key is missing'],
            ['lead_status is null', 'status is not known'],
            ['last_changed_at is null', 'time of the change is missing or cannot be read'],
            ['converted_at < occurred_at', 'converted before it was created'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
