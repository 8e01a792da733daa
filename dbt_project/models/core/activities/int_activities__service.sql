{# What customers asked, complained about and praised. #}
with tickets as (
    select
        'ticket:' || ticket_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        channel,
        'Ticket Opened' as activity_type,
        ticket_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_tickets') }}
),

ticket_messages as (
    select
        'ticket_message:' || ticket_message_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        cast(null as {{ dbt.type_string() }}) as channel,
        case when author_role = 'agent' then 'Service Replied' else 'Service Written To' end as activity_type,
        ticket_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_ticket_messages') }}
),

feedback as (
    select
        'feedback:' || feedback_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        channel,
        case feedback_type
            when 'review' then 'Review Written'
            when 'social_mention' then 'Mentioned Publicly'
            else 'Survey Answered'
        end as activity_type,
        feedback_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_feedback') }}
),

final as (
    select * from tickets

    union all
    select * from ticket_messages

    union all
    select * from feedback
)

select * from final
