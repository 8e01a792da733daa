{# What visitors did on a screen, and when they came into a store. #}
with screen_events as (
    select
        'event:' || event_id as activity_id,
        source_system,
        customer_key,
        visitor_key,
        channel,
        event_name as activity_type,
        event_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_behaviour_events') }}
),

visits as (
    select
        'store_visit:' || store_visit_id as activity_id,
        source_system,
        customer_key,
        visitor_key,
        'store' as channel,
        'Store Visited' as activity_type,
        store_visit_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_store_visits') }}
),

final as (
    select * from screen_events

    union all
    select * from visits
)

select * from final
