{# What a customer was sent and shown, and how they took it. #}
with customers as (
    select
        customer_id,
        as_of_date
    from {{ ref('feat_customers__engagement') }}
),

recorded as (
    {{ recorded_themes(['messages', 'advertising']) }}
),

activities as (
    {{ dated_activities(['messages', 'advertising']) }}
),

measured as (
    select
        customer_id,
        as_of_date,
        {{ happened(['Message Sent'], 28) }} as messages_sent_28d,
        {{ happened(['Message Sent'], 84) }} as messages_sent_84d,
        {{ happened(['Message Opened'], 84) }} as messages_opened_84d,
        {{ happened(['Message Clicked'], 84) }} as messages_clicked_84d,
        {{ happened(['Message Bounced'], 84) }} as messages_bounced_84d,
        {{ happened(['Message Unsubscribed'], 84) }} as unsubscriptions_84d,
        {{ days_since(['Message Opened', 'Message Clicked']) }} as days_since_message_opened,
        {{ happened(['Ad Seen'], 28) }} as ads_seen_28d,
        {{ happened(['Ad Clicked'], 84) }} as ads_clicked_84d
    from activities
    group by
        customer_id,
        as_of_date
),

final as (
    select
        customers.customer_id,
        recorded.source_systems,
        customers.as_of_date,
        {{ counted('measured.messages_sent_28d') }} as messages_sent_28d,
        {{ counted('measured.messages_sent_84d') }} as messages_sent_84d,
        {{ counted('measured.messages_opened_84d') }} as messages_opened_84d,
        {{ counted('measured.messages_clicked_84d') }} as messages_clicked_84d,
        {{ counted('measured.messages_bounced_84d') }} as messages_bounced_84d,
        {{ counted('measured.unsubscriptions_84d') }} as unsubscriptions_84d,
        cast(measured.days_since_message_opened as double) as days_since_message_opened,
        {{ share_of('coalesce(measured.messages_opened_84d, 0)', 'measured.messages_sent_84d') }}
            as messages_opened_share_84d,
        {{ counted('measured.ads_seen_28d') }} as ads_seen_28d,
        {{ counted('measured.ads_clicked_84d') }} as ads_clicked_84d
    from customers
    inner join recorded on customers.as_of_date = recorded.as_of_date
    left join measured
        on
            customers.customer_id = measured.customer_id
            and customers.as_of_date = measured.as_of_date
)

select * from final
