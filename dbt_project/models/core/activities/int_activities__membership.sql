{# Points, invitations, consents and enquiries. #}
{% set points_activity_type %}
    case entry_type
        when 'earned' then 'Points Earned'
        when 'spent' then 'Points Spent'
        when 'expired' then 'Points Expired'
        when 'corrected' then 'Points Corrected'
    end
{% endset %}
{{ activity(ref('fct_loyalty_ledger'), 'loyalty_entry', 'loyalty_entry_id', points_activity_type | trim) }}
union all
{{ activity(
    ref('fct_invitations'), 'invitation', 'invitation_id', "'Invitation Sent'",
    customer_key='inviter_customer_key', channel='channel',
) }}
union all
{{ activity(
    ref('fct_consents'), 'consent', 'consent_id',
    "case when is_granted then 'Consent Given' else 'Consent Withdrawn' end",
    channel='channel', occurred_at='valid_from_at',
) }}
union all
{{ activity(
    ref('fct_leads'), 'lead', 'lead_id', "'Enquiry Made'",
    channel='lead_source',
) }}
