{{ config(**incremental_by_key('visitor_key', partition_by='session_month')) }}

{#
    A session ends when its visitor does nothing for more than half an hour. Events are first summed by half hours of the
    clock: two events of one half hour are never half an hour apart, so that only what is left has to be put in order.

    New events touch the sessions within half an hour of them. Those are built again from their events; all other
    sessions of the same visitors are taken over as they are.
#}
{% set earliest = earliest_session_to_rebuild() %}
with events as (
    select events.* from {{ ref('fct_behaviour_events') }} as events
    {% if is_incremental() %}
        where events.occurred_at >= timestamp '{{ earliest }}'
    {% endif %}
),

{% if is_incremental() %}
spans as (
    {{ session_spans_to_rebuild() }}
),

{% endif %}
half_hours as (
    select
        events.visitor_key,
        {{ dbt.date_trunc('hour', 'events.occurred_at') }} as clock_hour,
        extract(minute from events.occurred_at) >= 30 as is_second_half,
        min(events.source_system) as source_system,
        min(events.channel) as channel,
        min(events.device_type) as device_type,
        min(events.customer_key) as first_customer_key,
        max(events.customer_key) as last_customer_key,
        min(events.order_id) as order_id,
        min(events.occurred_at) as started_at,
        max(events.occurred_at) as ended_at,
        min(events.occurred_at_local) as started_at_local,
        count(*) as event_count,
        {{ count_of_events('Product Viewed') }} as product_view_count,
        {{ count_of_events('Products Searched') }} as search_count,
        {{ count_of_events('Product Added') }} as cart_add_count,
        {{ count_of_events('Product Removed') }} as cart_removal_count,
        max(events.checkout_step) as last_checkout_step,
        sum(cast(events.dwell_seconds as decimal(18, 3))) as dwell_seconds,
        max(events.loaded_at) as loaded_at
    from events
    {% if is_incremental() %}
        inner join spans
            on
                events.visitor_key = spans.visitor_key
                and events.occurred_at between spans.first_at and spans.last_at
    {% endif %}
    group by
        events.visitor_key,
        {{ dbt.date_trunc('hour', 'events.occurred_at') }},
        extract(minute from events.occurred_at) >= 30
),

marked as (
    select
        *,
        lag(ended_at) over (partition by visitor_key order by started_at) as previous_ended_at
    from half_hours
),

numbered as (
    select
        *,
        sum(
            case
                when started_at <= {{ dbt.dateadd('minute', 30, 'previous_ended_at') }} then 0
                else 1
            end
        ) over (
            partition by visitor_key
            order by started_at
            rows between unbounded preceding and current row
        ) as session_number
    from marked
),

final as (
    select
        visitor_key || ':' || cast(min(started_at) as {{ dbt.type_string() }}) as session_id,
        min(source_system) as source_system,
        min(channel) as channel,
        visitor_key,
        -- Two customers on one device: whose session it was is not known here.
        case when min(first_customer_key) = max(last_customer_key) then min(first_customer_key) end as customer_key,
        min(device_type) as device_type,
        min(order_id) as order_id,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(product_view_count) as bigint) as product_view_count,
        cast(sum(search_count) as bigint) as search_count,
        cast(sum(cart_add_count) as bigint) as cart_add_count,
        cast(sum(cart_removal_count) as bigint) as cart_removal_count,
        max(last_checkout_step) as last_checkout_step,
        cast(sum(dwell_seconds) as double) as dwell_seconds,
        min(order_id) is not null as is_converted,
        min(started_at) as started_at,
        max(ended_at) as ended_at,
        max(loaded_at) as loaded_at,
        cast({{ dbt.date_trunc('month', 'min(started_at_local)') }} as date) as session_month
    from numbered
    group by
        visitor_key,
        session_number
)

select * from final
{% if is_incremental() %}
    union all

    select sessions.*
    from {{ this }} as sessions
    inner join spans on sessions.visitor_key = spans.visitor_key
    where sessions.ended_at < spans.first_at or sessions.started_at > spans.last_at
{% endif %}
