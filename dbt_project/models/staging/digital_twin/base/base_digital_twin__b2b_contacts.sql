{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'b2b_contacts') }}
),

tidied as (
    select
        {{ clean_text('contact_no') }} as contact_no,
        {{ clean_text('account_no') }} as company_no,
        {{ tidy_text('name') }} as full_name,
        email as source_email,
        phone as source_phone,
        {{ tidy_text('title') }} as job_title,
        {{ utc_from_iso_text('created') }} as first_known_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        ---------- ids
        contact_no,
        company_no,
        ---------- strings
        {{ proper_name('full_name') }} as full_name,
        {{ email_address('source_email') }} as email,
        source_email,
        {{ phone_number('source_phone') }} as phone,
        source_phone,
        job_title,
        ---------- timestamps
        first_known_at,
        loaded_at,
        batch_id
    from tidied
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['contact_no is null', 'key is missing'],
            ['company_no is null', 'company is missing'],
        ] + time_rules(2016, 2018, 'first_known_at')) }} as quarantine_reason
    from renamed
)

select * from checked
