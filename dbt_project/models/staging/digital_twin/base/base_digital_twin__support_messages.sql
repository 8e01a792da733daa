{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'support_messages') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('message_no') }} as message_no,
        ticket_id as ticket_no,
        ---------- strings
        {{ decoded('author', {'end-user': 'customer', 'agent': 'agent'}) }} as author_role,
        {{ tidy_text('body') }} as message_text,
        {{ language_code('lang') }} as language,
        ---------- timestamps
        {{ utc_from_iso_text('sent_at') }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['message_no is null or ticket_no is null', 'key is missing'],
            ['author_role is null', 'author is not known'],
            ['message_text is null', 'text is missing'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
