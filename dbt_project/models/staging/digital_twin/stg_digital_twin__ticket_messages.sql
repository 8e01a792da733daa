{{ config(enabled=is_enabled_source()) }}

with messages as (
    select * from {{ latest_versions('base_digital_twin__support_messages', ['message_no']) }} as latest
),

tickets as (
    select
        ticket_id,
        customer_key,
        loaded_at
    from {{ ref('stg_digital_twin__tickets') }}
),

final as (
    select
        {{ source_key('messages.message_no') }} as ticket_message_id,
        '{{ this_source() }}' as source_system,
        -- A message may come before its ticket; until then it belongs to none.
        tickets.ticket_id,
        tickets.customer_key,
        messages.author_role,
        messages.message_text,
        messages.language,
        messages.occurred_at,
        messages.occurred_at as known_at,
        greatest(messages.loaded_at, coalesce(tickets.loaded_at, messages.loaded_at)) as loaded_at
    from messages
    left join tickets on {{ source_key('messages.ticket_no') }} = tickets.ticket_id
)

select * from final
