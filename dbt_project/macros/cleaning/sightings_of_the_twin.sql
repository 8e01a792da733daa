{#
    Where the twin's systems name an identifier of somebody: table, the customer's number, when, and what is seen (type,
    value in normal form, as it was written). First the lists of people, then what people did.
#}
{% macro digital_twin__sightings() %}
    {{ return(_sightings_in_lists() + _sightings_in_events()) }}
{% endmacro %}


{#
    Which rows of a table name somebody: those that are not in quarantine. Who cancelled an order is a customer all the
    same, and known by what the order says.
#}
{% macro digital_twin__names_somebody(table) -%}
    {%- if table == 'shop_order_lines' -%}
        coalesce(quarantine_reason, '') in ('', 'cancelled before it was shipped')
    {%- else -%}
        quarantine_reason is null
    {%- endif -%}
{%- endmacro %}


{% macro _identifiers_of_the_twin() %}
    {{ return({
        'email': ('email', 'email', 'source_email'),
        'phone': ('phone', 'phone', 'source_phone'),
        'address': (
            'address', address_line('street_address', 'postal_code'), "street_address || ', ' || postal_code"
        ),
        'card': ('loyalty_card', 'card_number', 'card_number'),
        'member': ('loyalty_member', 'member_no', 'member_no'),
        'account': ('account', 'account_id', 'account_id'),
        'visitor': ('visitor', source_key('visitor_id'), 'visitor_id'),
        'order': ('order', source_key('order_no'), 'order_no'),
        'handle': ('handle', "network || ':' || handle", 'source_handle'),
        'device': ('device', source_key(["'device'", 'device_hash']), 'device_hash'),
    }) }}
{% endmacro %}


{% macro _sightings_in_lists() %}
    {% set a = _identifiers_of_the_twin() %}
    {{ return([
        ('crm_contacts', "'crm:' || contact_id", 'last_changed_at', [a.email, a.phone, a.address, a.card]),
        ('shop_accounts', "'shop:' || account_id", 'last_changed_at',
            [a.email, a.phone, a.address, a.account, a.card, a.handle]),
        ('loyalty_members', "'loyalty:' || member_no", 'last_changed_at',
            [a.email, a.phone, a.card, a.member, a.handle]),
        ('b2b_contacts', "'company_contact:' || contact_no", 'first_known_at', [a.email, a.phone]),
    ]) }}
{% endmacro %}


{#
    The order that an answer to a survey is about is not among what the answer is known by: families share mailboxes,
    and the answer may come from another one than the order.
#}
{% macro _sightings_in_events() %}
    {% set a = _identifiers_of_the_twin() %}
    {% set booked_order = "case when reference like 'W%' then reference end" %}
    {{ return([
        ('support_tickets', 'customer_no', 'last_changed_at', [a.email, a.phone, a.order, a.account]),
        ('shop_order_lines', "'shop:' || account_id", 'occurred_at', [a.order]),
        ('shop_order_lines', "case when account_id is null then 'guest:' || email end", 'occurred_at',
            [a.email, a.order]),
        ('surveys', "'survey:' || email", 'occurred_at', [a.email]),
        ('loyalty_ledger', "'loyalty:' || member_no", 'occurred_at',
            [('order', source_key(booked_order), booked_order)]),
        ('social_mentions', "'social:' || network || ':' || handle", 'occurred_at', [a.email, a.handle]),
        ('email_events', "case when contact_id is null then 'mailing:' || email else 'crm:' || contact_id end",
            'occurred_at', [a.email]),
        ('mobile_messages', "'crm:' || contact_id", 'sent_at', [
            ('phone', "case when channel = 'sms' then recipient end", 'source_recipient'),
            ('visitor', "case when channel <> 'sms' then " ~ source_key('recipient') ~ ' end', 'source_recipient'),
        ]),
        ('ad_touches', "'shop:' || account_id", 'occurred_at', [a.visitor]),
        ('store_visits', "'card:' || card_number", 'occurred_at', [a.card, a.device]),
        ('invitations', "'loyalty:' || invitee_member_no", 'accepted_at', [a.email]),
    ]) }}
{% endmacro %}
