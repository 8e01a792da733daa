{# What was sent and shown to customers, and how they took it. #}
with sends as (
    select
        'campaign_send:' || campaign_send_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        'print' as channel,
        'Campaign Sent' as activity_type,
        campaign_send_id as subject_id,
        campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        occurred_at as known_at,
        loaded_at
    from {{ ref('fct_campaign_sends') }}
),

message_events as (
    select
        'message:' || message_event_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        channel,
        case message_event
            when 'sent' then 'Message Sent'
            when 'opened' then 'Message Opened'
            when 'clicked' then 'Message Clicked'
            when 'unsubscribed' then 'Message Unsubscribed'
            when 'bounced' then 'Message Bounced'
        end as activity_type,
        message_id as subject_id,
        campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_message_events') }}
),

ad_touches as (
    select
        'ad_touch:' || ad_touch_id as activity_id,
        source_system,
        customer_key,
        visitor_key,
        'ad' as channel,
        case when touch_type = 'click' then 'Ad Clicked' else 'Ad Seen' end as activity_type,
        ad_touch_id as subject_id,
        campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_ad_touches') }}
),

deliveries as (
    select
        'delivery:' || delivery_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        destination as channel,
        'Audience Delivered' as activity_type,
        delivery_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_deliveries') }}
),

responses as (
    select
        'response:' || response_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        cast(null as {{ dbt.type_string() }}) as channel,
        'Delivery Answered' as activity_type,
        delivery_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        response_amount as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_responses') }}
),

final as (
    select * from sends

    union all
    select * from message_events

    union all
    select * from ad_touches

    union all
    select * from deliveries

    union all
    select * from responses
)

select * from final
