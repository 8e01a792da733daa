{{ config(materialized='view') }}

{# The timeline of a customer: the touches of all records and visitors that are one person, in order. #}
with activities as (
    select * from {{ ref('fct_activities') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

final as (
    select
        customer_keys.customer_id,
        cast(row_number() over (
            partition by customer_keys.customer_id
            order by activities.occurred_at, activities.activity_id
        ) as bigint) as activity_number,
        activities.activity_id,
        activities.source_system,
        activities.is_simulated,
        activities.channel,
        activities.activity_type,
        activities.subject_id,
        activities.campaign_id,
        activities.product_id,
        activities.activity_amount,
        activities.occurred_at
    from activities
    inner join customer_keys on activities.customer_key = customer_keys.customer_key
)

select * from final
