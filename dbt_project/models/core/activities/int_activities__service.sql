{# What customers asked, complained about and praised. #}
{% set feedback_activity_type %}
    case feedback_type
        when 'review' then 'Review Written'
        when 'social_mention' then 'Mentioned Publicly'
        else 'Survey Answered'
    end
{% endset %}
{{ activity(
    ref('fct_tickets'), 'ticket', 'ticket_id', "'Ticket Opened'",
    channel='channel', product_id='product_id',
) }}
union all
{{ activity(
    ref('fct_ticket_messages'), 'ticket_message', 'ticket_message_id',
    "case when author_role = 'agent' then 'Service Replied' else 'Service Written To' end",
    subject_id='ticket_id',
) }}
union all
{{ activity(
    ref('fct_feedback'), 'feedback', 'feedback_id', feedback_activity_type | trim,
    channel='channel', product_id='product_id',
) }}
