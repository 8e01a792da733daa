{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'support_tickets') }}
),

tidied as (
    select
        ticket_id as ticket_no,
        {{ known_text('account_id') }} as account_id,
        {{ known_text('order_no') }} as order_no,
        upper({{ known_text('sku') }}) as sku,
        requester_email as source_email,
        requester_phone as source_phone,
        {{ tidy_text('requester_name') }} as full_name,
        {{ tidy_text('subject') }} as subject,
        {{ decoded('via', {'email': 'email', 'chat': 'chat', 'phone': 'phone', 'web_form': 'web'}) }} as channel,
        {{ decoded('category', {
            'shipping': 'delivery',
            'refund': 'refund',
            'quality': 'product',
            'login': 'account',
            'points': 'loyalty',
            'billing': 'payment',
        }) }} as ticket_topic,
        {{ decoded('priority', {'p1': 'urgent', 'p2': 'high', 'p3': 'normal', 'p4': 'low'}) }} as ticket_priority,
        {{ decoded('status', {
            'new': 'open', 'open': 'open', 'pending': 'pending', 'solved': 'solved', 'closed': 'solved'
        }) }} as ticket_status,
        {{ utc_from_iso_text('created_at') }} as occurred_at,
        {{ utc_from_iso_text('first_reply_at') }} as first_replied_at,
        {{ utc_from_iso_text('solved_at') }} as resolved_at,
        {{ utc_from_iso_text('updated_at') }} as last_changed_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        ---------- ids
        ticket_no,
        case
            when account_id is not null then 'shop:' || account_id
            else 'support:' || coalesce({{ email_address('source_email') }}, {{ phone_number('source_phone') }})
        end as customer_no,
        account_id,
        order_no,
        sku,
        ---------- strings
        {{ proper_name('full_name') }} as full_name,
        {{ email_address('source_email') }} as email,
        source_email,
        {{ phone_number('source_phone') }} as phone,
        source_phone,
        subject,
        channel,
        ticket_topic,
        ticket_priority,
        ticket_status,
        ---------- timestamps
        occurred_at,
        first_replied_at,
        resolved_at,
        last_changed_at,
        loaded_at,
        batch_id
    from tidied
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['ticket_no is null', 'key is missing'],
            ['ticket_status is null', 'status is not known'],
            ['last_changed_at is null', 'time of the change is missing or cannot be read'],
            ['first_replied_at < occurred_at or resolved_at < occurred_at', 'answered before it was asked'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
