{{ config(**incremental_by_key('event_id', partition_by='event_month')) }}

{# An event is what it was when it first arrived: what comes again under its id, in whatever order, changes nothing. #}
with loaded as (
    select events.*
    from {{ ref('int_behaviour_events__unioned') }} as events
    where {{ loaded_since_last_build('events') }}
),

ranked as (
    select
        *,
        {{ version_rank(
            ['event_id'],
            ['occurred_at', 'known_at', 'visitor_key', 'event_name', 'customer_key', 'product_id', 'dwell_seconds'],
            is_first=true,
        ) }} as version_rank
    from loaded
),

final as (
    select
        ranked.event_id,
        ranked.source_system,
        ranked.channel,
        ranked.event_name,
        ranked.visitor_key,
        ranked.customer_key,
        ranked.device_type,
        ranked.product_id,
        ranked.order_id,
        ranked.page_path,
        ranked.search_query,
        ranked.share_channel,
        ranked.checkout_step,
        ranked.quantity,
        ranked.price_amount,
        ranked.dwell_seconds,
        ranked.occurred_at,
        ranked.known_at,
        ranked.occurred_at_local,
        ranked.loaded_at,
        cast(ranked.occurred_at_local as date) as event_date,
        cast({{ dbt.date_trunc('month', 'ranked.occurred_at_local') }} as date) as event_month
    from ranked
    {% if is_incremental() %}
        left join {{ this }} as known_events on ranked.event_id = known_events.event_id
    {% endif %}
    where
        ranked.version_rank = 1
        and {{ 'known_events.event_id is null' if is_incremental() else '1 = 1' }}
)

select * from final
