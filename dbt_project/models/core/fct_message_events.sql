{{ config(**incremental_by_key('message_event_id', partition_by='message_month')) }}

{# What happened to a message is what it was when it first arrived, like any other event. #}
with loaded as (
    select messages.*
    from {{ ref('int_messages__unioned') }} as messages
    where {{ loaded_since_last_build('messages') }}
),

ranked as (
    select
        *,
        {{ version_rank(
            ['message_event_id'],
            ['occurred_at', 'known_at', 'message_event', 'customer_key', 'campaign_id', 'recipient_address'],
            is_first=true,
        ) }} as version_rank
    from loaded
),

final as (
    select
        ranked.message_event_id,
        ranked.source_system,
        ranked.message_id,
        ranked.campaign_id,
        ranked.customer_key,
        ranked.channel,
        ranked.message_event,
        ranked.recipient_address,
        ranked.occurred_at,
        ranked.known_at,
        ranked.loaded_at,
        cast({{ dbt.date_trunc('month', 'ranked.occurred_at') }} as date) as message_month
    from ranked
    {% if is_incremental() %}
        left join {{ this }} as known_messages on ranked.message_event_id = known_messages.message_event_id
    {% endif %}
    where
        ranked.version_rank = 1
        and {{ 'known_messages.message_event_id is null' if is_incremental() else '1 = 1' }}
)

select * from final
