{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'email_events') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('event_id') }} as event_no,
        {{ clean_text('message_id') }} as message_no,
        {{ clean_text('campaign_code') }} as campaign_code,
        {{ clean_text('contact_id') }} as contact_id,
        ---------- strings
        {{ email_address(adapter.quote('to')) }} as email,
        {{ adapter.quote('to') }} as source_email,
        -- Who reports a mail as spam wants no more of them, like somebody who unsubscribes.
        {{ decoded('event', {
            'delivered': 'sent',
            'open': 'opened',
            'click': 'clicked',
            'unsubscribe': 'unsubscribed',
            'spamreport': 'unsubscribed',
            'bounce': 'bounced',
        }) }} as message_event,
        ---------- timestamps
        {{ utc_from_count('ts', per_second=1) }} as occurred_at,
        {{ utc_from_count('received_ts', per_second=1) }} as received_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['event_no is null or message_no is null', 'key is missing'],
            ['message_event is null', 'event is not known'],
            ['email is null and contact_id is null', 'recipient is missing or no e-mail address'],
        ] + time_rules(2016, 2018, known_at='received_at')) }} as quarantine_reason
    from renamed
)

select * from checked
