{{ config(materialized='view') }}

{# The sessions of a customer up to "today", those before they logged in included. #}
with horizons as (
    select
        source_systems.source_system,
        source_systems.is_simulated,
        {{ utc_from_local('as_of.as_of_date', 'source_systems.time_zone') }} as as_of_at
    from {{ ref('dim_source_systems') }} as source_systems
    cross join {{ ref('int_as_of__resolved') }} as as_of
),

sessions as (
    select * from {{ ref('fct_sessions') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

visitor_customers as (
    select * from {{ ref('bdg_visitor_customers') }}
    where customer_id is not null
),

final as (
    select
        sessions.session_id,
        coalesce(customer_keys.customer_id, visitor_customers.customer_id) as customer_id,
        sessions.source_system,
        horizons.is_simulated,
        sessions.customer_key is null as is_anonymous,
        sessions.channel,
        sessions.device_type,
        sessions.event_count,
        sessions.product_view_count,
        sessions.search_count,
        sessions.cart_add_count,
        sessions.is_converted,
        sessions.order_id,
        sessions.started_at,
        sessions.ended_at
    from sessions
    inner join horizons on sessions.source_system = horizons.source_system
    left join customer_keys on sessions.customer_key = customer_keys.customer_key
    left join visitor_customers
        -- One comparison, so that engines can look it up: a visitor counts only where nobody was logged in.
        on case when sessions.customer_key is null then sessions.visitor_key end = visitor_customers.visitor_key
    where
        sessions.started_at < horizons.as_of_at
        and coalesce(customer_keys.customer_id, visitor_customers.customer_id) is not null
)

select * from final
