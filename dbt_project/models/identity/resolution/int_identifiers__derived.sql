{{ config(materialized='view') }}

{#
    What follows from an e-mail address beside the address itself. People who have mailboxes with several providers call
    them alike: `debra_jones102827` and `jones.debra102827`, or `djones102827`. So a number of six digits or more, with
    the end of each name before it, identifies a person too, though less surely than an address.
#}
{% set most_names = 2 %}
with identifiers as (
    select * from {{ ref('bdg_customer_identifiers') }}
),

mailboxes as (
    select
        *,
        {{ text_part('identifier_value', '@', 1) }} as mailbox
    from identifiers
    where identifier_type = 'email'
),

numbered as (
    select
        *,
        {{ replace_pattern('mailbox', '[^0-9]+') }} as mailbox_number,
        {{ replace_pattern('mailbox', '[^a-z]+', ' ') }} as mailbox_names
    from mailboxes
    where {{ matches_pattern('mailbox', '[a-z]{3}.*[0-9]{6}$') }}
),

named as (
    {% for number in range(1, most_names + 1) %}
        select
            source_system,
            customer_key,
            source_value,
            first_seen_at,
            last_seen_at,
            first_loaded_at,
            mailbox_number,
            {{ text_part('trim(mailbox_names)', ' ', number) }} as mailbox_name
        from numbered
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

derived as (
    select
        source_system,
        customer_key,
        substring(mailbox_name, length(mailbox_name) - 2, 3) || mailbox_number as identifier_value,
        min(source_value) as source_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        min(first_loaded_at) as first_loaded_at
    from named
    where length(mailbox_name) >= 3
    group by
        source_system,
        customer_key,
        substring(mailbox_name, length(mailbox_name) - 2, 3) || mailbox_number
),

final as (
    select
        customer_identifier_id,
        source_system,
        customer_key,
        identifier_type,
        identifier_value,
        source_value,
        first_seen_at,
        last_seen_at,
        first_loaded_at
    from identifiers
    union all
    select
        {{ dbt.hash("customer_key || '|mailbox|' || identifier_value") }} as customer_identifier_id,
        source_system,
        customer_key,
        'mailbox' as identifier_type,
        identifier_value,
        source_value,
        first_seen_at,
        last_seen_at,
        first_loaded_at
    from derived
)

select * from final
