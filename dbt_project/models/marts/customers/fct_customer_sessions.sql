{{ config(materialized='view') }}

{# The sessions of a customer up to "today", those before they logged in included. #}
with sessions as (
    select
        sessions.*,
        as_of.is_simulated
    from {{ ref('fct_sessions') }} as sessions
    inner join {{ ref('int_as_of__by_source') }} as as_of on sessions.source_system = as_of.source_system
    where sessions.started_at < as_of.as_of_at
),

of_customers as (
    {{ with_customers('sessions') }}
),

final as (
    select
        session_id,
        customer_id,
        source_system,
        is_simulated,
        is_anonymous,
        channel,
        device_type,
        event_count,
        product_view_count,
        search_count,
        cart_add_count,
        is_converted,
        order_id,
        started_at,
        ended_at
    from of_customers
)

select * from final
