{{ config(materialized='view') }}

{#
    The timeline of a customer up to "today": the touches of all records that are one person, whatever their source, and
    those of a visitor on a device where only this customer was ever known, in order.
#}
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

visitor_customers as (
    select * from {{ ref('bdg_visitor_customers') }}
    where customer_id is not null
),

followed as (
    select
        coalesce(customer_keys.customer_id, visitor_customers.customer_id) as customer_id,
        activities.customer_key is null as is_anonymous,
        activities.*
    from activities
    inner join horizons on activities.source_system = horizons.source_system
    left join customer_keys on activities.customer_key = customer_keys.customer_key
    left join visitor_customers
        -- One comparison, so that engines can look it up: a visitor counts only where nobody was logged in.
        on case when activities.customer_key is null then activities.visitor_key end = visitor_customers.visitor_key
    where activities.occurred_at < horizons.as_of_at
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
    from followed
    where customer_id is not null
)

select * from final
