{# A table: it reads every fact, and the records are read by all that tests relationships. #}
{{ config(enabled=is_enabled_source(), materialized='table') }}

{#
    Whoever any row names, under the key of the system that recorded it: a fact may name a contact that the customer
    list does not (yet) hold, and guests, survey answers and posts name people that no list holds at all.
#}
{% set mentions = [
    ('crm_contacts', 'crm', 'contact_id', 'first_known_at'),
    ('campaign_cells', 'crm', 'contact_id', 'occurred_at'),
    ('email_events', 'crm', 'contact_id', 'occurred_at'),
    ('mobile_messages', 'crm', 'contact_id', 'sent_at'),
    ('consent_log', 'crm', 'contact_id', 'occurred_at'),
    ('audience_deliveries', 'crm', 'contact_id', 'occurred_at'),
    ('audience_responses', 'crm', 'contact_id', 'occurred_at'),
    ('email_events', 'mailing', 'case when contact_id is null then email end', 'occurred_at'),
    ('shop_accounts', 'shop', 'account_id', 'first_known_at'),
    ('shop_order_lines', 'shop', 'account_id', 'occurred_at'),
    ('visitor_accounts', 'shop', 'account_id', 'first_seen_at'),
    ('ad_touches', 'shop', 'account_id', 'occurred_at'),
    ('reviews', 'shop', 'account_id', 'occurred_at'),
    ('support_tickets', 'shop', 'account_id', 'occurred_at'),
    ('shop_order_lines', 'guest', 'case when account_id is null then email end', 'occurred_at'),
    ('support_tickets', 'support', 'case when account_id is null then coalesce(email, phone) end', 'occurred_at'),
    ('surveys', 'survey', 'email', 'occurred_at'),
    ('social_mentions', 'social', "network || ':' || handle", 'occurred_at'),
    ('loyalty_members', 'loyalty', 'member_no', 'first_known_at'),
    ('loyalty_ledger', 'loyalty', 'member_no', 'occurred_at'),
    ('invitations', 'loyalty', 'inviter_member_no', 'occurred_at'),
    ('invitations', 'loyalty', 'invitee_member_no', 'accepted_at'),
    ('store_visits', 'card', 'card_number', 'occurred_at'),
    ('b2b_contacts', 'company_contact', 'contact_no', 'first_known_at'),
    ('b2b_leads', 'company_contact', 'contact_no', 'occurred_at'),
] %}
with mentioned as (
    {% for table, record_system, customer, mentioned_at in mentions %}
        select
            '{{ record_system }}' as record_system,
            {{ customer }} as customer,
            min({{ mentioned_at }}) as first_mentioned_at,
            min({{ 'first_loaded_at' if table == 'visitor_accounts' else 'loaded_at' }}) as first_loaded_at
        from {{ ref('base_digital_twin__' ~ table) }}
        where {{ 'account_id is not null' if table == 'visitor_accounts' else digital_twin__names_somebody(table) }}
        group by {{ customer }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (
    select
        record_system || ':' || customer as customer_no,
        record_system,
        min(first_mentioned_at) as first_mentioned_at,
        min(first_loaded_at) as first_loaded_at
    from mentioned
    where customer is not null
    group by
        record_system,
        customer
)

select * from final
