{# What was sent and shown to customers, and how they took it. #}
{% set message_activity_type %}
    case message_event
        when 'sent' then 'Message Sent'
        when 'opened' then 'Message Opened'
        when 'clicked' then 'Message Clicked'
        when 'unsubscribed' then 'Message Unsubscribed'
        when 'bounced' then 'Message Bounced'
    end
{% endset %}
{{ activity(
    ref('fct_campaign_sends'), 'campaign_send', 'campaign_send_id', "'Campaign Sent'",
    channel="'print'", campaign_id='campaign_id', known_at='occurred_at',
) }}
union all
{{ activity(
    ref('fct_message_events'), 'message', 'message_event_id', message_activity_type | trim,
    channel='channel', subject_id='message_id', campaign_id='campaign_id',
) }}
union all
{{ activity(
    ref('fct_ad_touches'), 'ad_touch', 'ad_touch_id',
    "case when touch_type = 'click' then 'Ad Clicked' else 'Ad Seen' end",
    visitor_key='visitor_key', channel="'ad'", campaign_id='campaign_id',
) }}
union all
{{ activity(
    ref('fct_deliveries'), 'delivery', 'delivery_id', "'Audience Delivered'",
    channel='destination',
) }}
union all
{{ activity(
    ref('fct_responses'), 'response', 'response_id', "'Delivery Answered'",
    subject_id='delivery_id', activity_amount='response_amount',
) }}
