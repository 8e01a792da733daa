{{ config(enabled=is_enabled_source(), materialized='table') }}

{# Next to its key, a table of states is keyed by the moment of the change: only the same state twice is a repeat. #}
{% set keys = {
    'crm_contacts': ['contact_id', 'last_changed_at'],
    'shop_accounts': ['account_id', 'last_changed_at'],
    'shop_products': ['sku'],
    'shop_order_lines': ['order_no', 'line_no'],
    'shop_returns': ['return_no', 'order_no', 'line_no'],
    'shop_payments': ['payment_no'],
    'web_events': ['event_no'],
    'app_events': ['event_no'],
    'mini_program_events': ['event_no'],
    'channel_campaigns': ['campaign_code'],
    'campaign_cells': ['campaign_code', 'contact_id'],
    'email_events': ['event_no'],
    'mobile_messages': ['message_no'],
    'ad_touches': ['touch_no'],
    'store_visits': ['visit_no'],
    'support_tickets': ['ticket_no', 'last_changed_at'],
    'support_messages': ['message_no'],
    'reviews': ['review_no'],
    'surveys': ['response_no'],
    'social_mentions': ['post_no'],
    'loyalty_members': ['member_no', 'last_changed_at'],
    'loyalty_ledger': ['entry_no'],
    'invitations': ['invitation_code', 'last_changed_at'],
    'consent_log': ['log_no'],
    'b2b_accounts': ['company_no', 'last_changed_at'],
    'b2b_contacts': ['contact_no'],
    'b2b_leads': ['lead_no', 'last_changed_at'],
    'b2b_opportunities': ['opportunity_no', 'last_changed_at'],
    'audience_deliveries': ['delivery_no'],
    'audience_responses': ['response_no'],
} %}
{% for source_table, key in keys.items() %}
    {{ quarantined_rows('base_digital_twin__' ~ source_table, source_table, key) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
