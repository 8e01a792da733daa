{# What a customer asked and complained about, how it was answered, and how they judged what they got. #}
with customers as (
    select
        customer_id,
        as_of_date
    from {{ ref('feat_customers__engagement') }}
),

recorded as (
    {{ recorded_themes(['service', 'feedback']) }}
),

activities as (
    {{ dated_activities(['service', 'feedback'], day_count=365) }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates__spined') }}
    where is_feature_date
),

measured as (
    select
        customer_id,
        as_of_date,
        {{ happened(['Ticket Opened'], 84) }} as tickets_84d,
        {{ happened(['Ticket Opened'], 365) }} as tickets_365d,
        {{ days_since(['Ticket Opened']) }} as days_since_ticket,
        {{ happened(['Service Written To'], 365) }} as service_messages_written_365d,
        {{ happened(['Service Replied'], 365) }} as service_replies_365d,
        {{ happened(['Review Written'], 365) }} as reviews_365d,
        {{ happened(['Survey Answered'], 365) }} as surveys_365d,
        {{ happened(['Mentioned Publicly'], 365) }} as public_mentions_365d
    from activities
    group by
        customer_id,
        as_of_date
),

judged as (
    select
        customer_keys.customer_id,
        as_of_dates.as_of_date,
        {{ share_of('sum(cast(feedback.score / feedback.max_score as decimal(18, 9)))', 'count(*)') }}
            as mean_feedback_share_365d,
        min(feedback.score / feedback.max_score) as worst_feedback_share_365d
    from {{ ref('fct_feedback') }} as feedback
    inner join customer_keys on feedback.customer_key = customer_keys.customer_key
    inner join as_of_dates
        on
            feedback.source_system = as_of_dates.source_system
            and {{ known_at_the_time('feedback', 'as_of_dates') }}
            and feedback.occurred_at >= {{ dbt.dateadd('hour', -24 * 365, 'as_of_dates.as_of_at') }}
    where
        feedback.score is not null
        and feedback.max_score > 0
    group by
        customer_keys.customer_id,
        as_of_dates.as_of_date
),

final as (
    select
        customers.customer_id,
        recorded.source_systems,
        customers.as_of_date,
        {{ counted('measured.tickets_84d') }} as tickets_84d,
        {{ counted('measured.tickets_365d') }} as tickets_365d,
        cast(measured.days_since_ticket as double) as days_since_ticket,
        {{ counted('measured.service_messages_written_365d') }} as service_messages_written_365d,
        {{ counted('measured.service_replies_365d') }} as service_replies_365d,
        {{ counted('measured.reviews_365d') }} as reviews_365d,
        {{ counted('measured.surveys_365d') }} as surveys_365d,
        {{ counted('measured.public_mentions_365d') }} as public_mentions_365d,
        judged.mean_feedback_share_365d,
        judged.worst_feedback_share_365d
    from customers
    inner join recorded on customers.as_of_date = recorded.as_of_date
    left join measured
        on
            customers.customer_id = measured.customer_id
            and customers.as_of_date = measured.as_of_date
    left join judged
        on
            customers.customer_id = judged.customer_id
            and customers.as_of_date = judged.as_of_date
)

select * from final
