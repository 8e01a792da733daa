{{ config(enabled=is_enabled_source()) }}

{# What happened to mails comes row by row; a mobile message is one row that says by several times what became of it. #}
select
    {{ source_key(["'email'", 'event_no']) }} as message_event_id,
    '{{ this_source() }}' as source_system,
    {{ source_key(["'email'", 'message_no']) }} as message_id,
    {{ source_key('campaign_code') }} as campaign_id,
    case
        when contact_id is not null then '{{ this_source() }}:crm:' || contact_id
        else '{{ this_source() }}:mailing:' || email
    end as customer_key,
    'email' as channel,
    message_event,
    email as recipient_address,
    occurred_at,
    greatest(occurred_at, coalesce(received_at, occurred_at)) as known_at,
    loaded_at
from {{ ref('base_digital_twin__email_events') }}
where quarantine_reason is null
{% for message_event, happened_at, condition in [
    ('sent', 'sent_at', 'not is_failed'),
    ('bounced', 'sent_at', 'is_failed'),
    ('opened', 'opened_at', 'opened_at is not null'),
    ('clicked', 'clicked_at', 'clicked_at is not null'),
    ('unsubscribed', 'opted_out_at', 'opted_out_at is not null'),
] %}
    union all
    select
        {{ source_key(["'mobile'", 'message_no', "'" ~ message_event ~ "'"]) }} as message_event_id,
        '{{ this_source() }}' as source_system,
        {{ source_key(["'mobile'", 'message_no']) }} as message_id,
        {{ source_key('campaign_code') }} as campaign_id,
        '{{ this_source() }}:crm:' || contact_id as customer_key,
        channel,
        '{{ message_event }}' as message_event,
        recipient as recipient_address,
        {{ happened_at }} as occurred_at,
        {{ happened_at }} as known_at,
        loaded_at
    from {{ ref('base_digital_twin__mobile_messages') }}
    where
        quarantine_reason is null
        and {{ condition }}
{% endfor %}
