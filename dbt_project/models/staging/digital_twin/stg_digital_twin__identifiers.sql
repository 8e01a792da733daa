{{ config(enabled=is_enabled_source()) }}

{#
    What each system knows its people by. Nothing is linked here: an e-mail that two records share stands in two rows.
    Junk in valid form (test@test.com) stays too; which values link nobody is for identity to say.
#}
{% set email = [('email', 'email', 'source_email')] %}
{% set phone = [('phone', 'phone', 'source_phone')] %}
{% set address = [
    ('address', address_line('street_address', 'postal_code'), "street_address || ', ' || postal_code")
] %}
{% set card = [('loyalty_card', 'card_number', 'card_number')] %}
{% set visitor = [('visitor', source_key('visitor_id'), 'visitor_id')] %}
{% set order = [('order', source_key('order_no'), 'order_no')] %}
{% set booked_order = "case when reference like 'W%' then reference end" %}
{% set by_account = "'shop:' || account_id" %}
{% set by_contact = "'crm:' || contact_id" %}
{% set sightings = [
    ('crm_contacts', by_contact, 'last_changed_at', email + phone + address + card),
    ('shop_accounts', by_account, 'last_changed_at', email + phone + address + [
        ('account', 'account_id', 'account_id')
    ]),
    ('loyalty_members', "'loyalty:' || member_no", 'last_changed_at', email + phone + card + [
        ('loyalty_member', 'member_no', 'member_no')
    ]),
    ('b2b_contacts', "'company_contact:' || contact_no", 'first_known_at', email + phone),
    ('support_tickets', 'customer_no', 'last_changed_at', email + phone + order + [
        ('account', 'account_id', 'account_id')
    ]),
    ('shop_order_lines', by_account, 'occurred_at', order),
    ('shop_order_lines', "case when account_id is null then 'guest:' || email end", 'occurred_at', email + order),
    ('surveys', "'survey:' || email", 'occurred_at', email + order),
    ('loyalty_ledger', "'loyalty:' || member_no", 'occurred_at', [
        ('order', source_key(booked_order), booked_order)
    ]),
    ('social_mentions', "'social:' || network || ':' || handle", 'occurred_at', email + [
        ('handle', "network || ':' || handle", 'source_handle')
    ]),
    ('email_events', "case when contact_id is null then 'mailing:' || email else 'crm:' || contact_id end",
        'occurred_at', email),
    ('mobile_messages', by_contact, 'sent_at', [
        ('phone', "case when channel = 'sms' then recipient end", 'source_recipient'),
        ('visitor', "case when channel <> 'sms' then " ~ source_key('recipient') ~ ' end', 'source_recipient'),
    ]),
    ('ad_touches', by_account, 'occurred_at', visitor),
    ('store_visits', "'card:' || card_number", 'occurred_at', card + [
        ('device', source_key(["'device'", 'device_hash']), 'device_hash')
    ]),
    ('invitations', "'loyalty:' || invitee_member_no", 'accepted_at', email),
] %}

with visitors as (
    select * from {{ ref('base_digital_twin__visitor_accounts') }}
),

seen as (
    {% for table, customer_no, seen_at, identifiers in sightings %}
        {% for identifier_type, identifier_value, source_value in identifiers %}
            select
                {{ customer_no }} as customer_no,
                '{{ identifier_type }}' as identifier_type,
                {{ identifier_value }} as identifier_value,
                {{ source_value }} as source_value,
                {{ seen_at }} as first_seen_at,
                {{ seen_at }} as last_seen_at,
                loaded_at as first_loaded_at
            from {{ ref('base_digital_twin__' ~ table) }}
            where quarantine_reason is null
            union all
        {% endfor %}
    {% endfor %}
    select
        {{ by_account }} as customer_no,
        'visitor' as identifier_type,
        {{ source_key('visitor_id') }} as identifier_value,
        visitor_id as source_value,
        first_seen_at,
        last_seen_at,
        first_loaded_at
    from visitors
    where account_id is not null
    union all
    select
        'guest:' || orders.email as customer_no,
        'visitor' as identifier_type,
        {{ source_key('visitors.visitor_id') }} as identifier_value,
        orders.visitor_no as source_value,
        orders.occurred_at as first_seen_at,
        orders.occurred_at as last_seen_at,
        greatest(orders.loaded_at, visitors.first_loaded_at) as first_loaded_at
    from {{ ref('base_digital_twin__shop_order_lines') }} as orders
    -- An order does not say whether it came from a browser or from the app; the events do.
    inner join visitors on orders.visitor_no = {{ text_part('visitors.visitor_id', ':', 2) }}
    where
        orders.quarantine_reason is null
        and orders.account_id is null
),

grouped as (
    select
        {{ source_key('customer_no') }} as customer_key,
        identifier_type,
        identifier_value,
        min(source_value) as source_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        min(first_loaded_at) as first_loaded_at
    from seen
    where
        customer_no is not null
        and identifier_value is not null
    group by
        customer_no,
        identifier_type,
        identifier_value
),

final as (
    select
        {{ dbt.hash("customer_key || '|' || identifier_type || '|' || identifier_value") }} as customer_identifier_id,
        '{{ this_source() }}' as source_system,
        customer_key,
        identifier_type,
        identifier_value,
        source_value,
        first_seen_at,
        last_seen_at,
        first_loaded_at
    from grouped
)

select * from final
