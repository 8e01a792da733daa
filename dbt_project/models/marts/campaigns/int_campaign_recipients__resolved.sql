{#
    Who was reached by which campaign before "today", in any channel: on paper, by a message that was sent or by an ad that
    was seen.
#}
with touches as (
    select
        campaign_id,
        customer_key,
        source_system,
        occurred_at
    from {{ ref('fct_campaign_sends') }}
    union all
    select
        campaign_id,
        customer_key,
        source_system,
        occurred_at
    from {{ ref('fct_message_events') }}
    where message_event = 'sent'
    union all
    select
        campaign_id,
        customer_key,
        source_system,
        occurred_at
    from {{ ref('fct_ad_touches') }}
),

as_of as (
    select * from {{ ref('int_as_of__by_source') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

final as (
    select
        touches.campaign_id,
        customer_keys.customer_id,
        count(*) as touch_count,
        min(touches.occurred_at) as first_reached_at
    from touches
    inner join as_of
        on
            touches.source_system = as_of.source_system
            and touches.occurred_at < as_of.as_of_at
    inner join customer_keys on touches.customer_key = customer_keys.customer_key
    where touches.campaign_id is not null
    group by
        touches.campaign_id,
        customer_keys.customer_id
)

select * from final
