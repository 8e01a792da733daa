{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'consent_log') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('logid') }} as log_no,
        {{ clean_text('contactid') }} as contact_id,
        ---------- strings
        {{ decoded('purpose', {
            'mkt': 'marketing', 'analytics': 'analytics', 'personal': 'personalisation'
        }) }} as consent_purpose,
        {{ decoded('channel', {
            'email': 'email', 'sms': 'sms', 'push': 'push', 'msg': 'messenger', 'phone': 'phone', 'all': 'all'
        }) }} as channel,
        {{ tidy_text('evidence') }} as consent_evidence,
        ---------- booleans
        case
            when lower(trim(granted)) in ('y', 'yes', 'true', '1') then true
            when lower(trim(granted)) in ('n', 'no', 'false', '0') then false
        end as is_granted,
        ---------- timestamps
        {{ utc_from_iso_text('changedat') }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['log_no is null', 'key is missing'],
            ['contact_id is null', 'contact is missing'],
            ['consent_purpose is null or channel is null', 'purpose or channel is not known'],
            ['is_granted is null', 'neither given nor withdrawn'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
