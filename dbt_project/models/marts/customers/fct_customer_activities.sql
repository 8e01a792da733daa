{{ config(materialized='view') }}

{#
    The timeline of a customer up to "today": the touches of all records that are one person, whatever their source, and
    those of a visitor on a device where only this customer was ever known, in order.
#}
with activities as (
    select activities.*
    from {{ ref('fct_activities') }} as activities
    inner join {{ ref('int_as_of__by_source') }} as as_of on activities.source_system = as_of.source_system
    where activities.occurred_at < as_of.as_of_at
),

of_customers as (
    {{ with_customers('activities') }}
),

final as (
    select
        customer_id,
        cast(row_number() over (
            partition by customer_id
            order by occurred_at, activity_id
        ) as bigint) as activity_number,
        activity_id,
        source_system,
        is_simulated,
        is_anonymous,
        channel,
        activity_type,
        subject_id,
        campaign_id,
        product_id,
        activity_amount,
        occurred_at
    from of_customers
)

select * from final
