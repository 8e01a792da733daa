{{ config(materialized='view') }}

{#
    What follows from an e-mail address beside the address itself. People who have mailboxes with several providers call
    them alike: `debra_jones102827` and `jones.debra102827`, or `djones102827`. So a number of six digits or more, with
    the end of each name before it, identifies a person too, though less surely than an address. With a number of five
    digits, all of a name has to agree, and the first letter of the other.
#}
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
    where {{ matches_pattern('mailbox', '[a-z]{3}.*[0-9]{5}$') }}
),

named as (
    select
        *,
        {{ text_part('trim(mailbox_names)', ' ', 1) }} as first_name,
        {{ text_part('trim(mailbox_names)', ' ', 2) }} as second_name
    from numbered
),

valued as (
    {% for name, other_name in [('first_name', 'second_name'), ('second_name', 'first_name')] %}
        select
            *,
            case
                when length(mailbox_number) = 5 then substring({{ other_name }}, 1, 1) || {{ name }}
                else substring({{ name }}, length({{ name }}) - 2, 3)
            end || mailbox_number as mailbox_value
        from named
        where length({{ name }}) >= 3
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

{# Two names can end alike. #}
derived as (
    select
        source_system,
        customer_key,
        mailbox_value as identifier_value,
        min(source_value) as source_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        min(first_loaded_at) as first_loaded_at
    from valued
    group by
        source_system,
        customer_key,
        mailbox_value
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
