{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'mobile_messages') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('msgid') }} as message_no,
        {{ clean_text('campaigncode') }} as campaign_code,
        {{ clean_text('contactid') }} as contact_id,
        ---------- strings
        {{ decoded('kind', {'sms': 'sms', 'push': 'push', 'msg': 'messenger'}) }} as channel,
        recipient as source_recipient,
        case upper(trim(kind))
            when 'SMS' then {{ phone_number('recipient') }}
            when 'PUSH' then 'app:' || {{ clean_text('recipient') }}
            when 'MSG' then 'mini_program:' || {{ clean_text('recipient') }}
        end as recipient,
        ---------- booleans
        upper(trim(state)) = 'FAILED' as is_failed,
        ---------- timestamps
        {{ utc_from_local(cast_or_null('sentat', 'timestamp'), "'America/New_York'") }} as sent_at,
        {{ utc_from_local(cast_or_null('openedat', 'timestamp'), "'America/New_York'") }} as opened_at,
        {{ utc_from_local(cast_or_null('clickedat', 'timestamp'), "'America/New_York'") }} as clicked_at,
        {{ utc_from_local(cast_or_null('optedoutat', 'timestamp'), "'America/New_York'") }} as opted_out_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['message_no is null', 'key is missing'],
            ['channel is null', 'kind is not known'],
            ['recipient is null and contact_id is null', 'recipient is missing or malformed'],
            ['opened_at < sent_at or clicked_at < sent_at or opted_out_at < sent_at', 'answered before it was sent'],
        ] + time_rules(2016, 2018, 'sent_at')) }} as quarantine_reason
    from renamed
)

select * from checked
