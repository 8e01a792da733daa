{{ config(materialized='view') }}

{# The timeline of a customer up to "today": the touches of all records that are one person, in order. #}
with horizons as (
    select
        source_systems.source_system,
        source_systems.time_zone,
        {{ utc_from_local('as_of.as_of_date', 'source_systems.time_zone') }} as as_of_at
    from {{ ref('dim_source_systems') }} as source_systems
    cross join {{ ref('int_as_of__resolved') }} as as_of
),

activities as (
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
    inner join horizons on activities.source_system = horizons.source_system
    where activities.occurred_at < horizons.as_of_at
)

select * from final
