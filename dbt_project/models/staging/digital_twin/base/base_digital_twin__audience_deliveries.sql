{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'audience_deliveries') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('deliveryid') }} as delivery_no,
        {{ clean_text('contactid') }} as contact_id,
        ---------- strings
        {{ tidy_text('destination') }} as destination,
        {{ tidy_text('audience') }} as audience_name,
        {{ decoded('action', {'add': 'added', 'remove': 'removed'}) }} as delivery_action,
        {{ decoded('result', {'ok': 'accepted', 'rejected': 'rejected'}) }} as delivery_status,
        {{ tidy_text('error') }} as rejection_reason,
        ---------- timestamps
        {{ utc_from_iso_text(adapter.quote('at')) }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['delivery_no is null', 'key is missing'],
            ['contact_id is null', 'contact is missing'],
            ['delivery_action is null or delivery_status is null', 'action or result is not known'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
