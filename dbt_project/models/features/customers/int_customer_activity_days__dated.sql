{#
    What customers did on each day in any channel, and from which as-of date on the warehouse can have known it: the first
    one after it happened, became known, and was known to be this customer's. What a visitor did counts from when the
    device was known to be theirs, until somebody else was seen there.
#}
with activities as (
    select * from {{ ref('fct_activities') }}
),

activity_types as (
    select * from {{ ref('activity_types') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

visitor_customers as (
    select * from {{ ref('int_visitor_customers__dated') }}
),

of_customers as (
    select
        coalesce(customer_keys.customer_id, visitor_customers.customer_id) as customer_id,
        activities.source_system,
        activities.activity_type,
        activities.occurred_at,
        greatest(activities.known_at, coalesce(visitor_customers.known_from, activities.known_at)) as known_from,
        coalesce(visitor_customers.known_until, timestamp '9999-12-31 00:00:00') as counts_until
    from activities
    left join customer_keys on activities.customer_key = customer_keys.customer_key
    left join visitor_customers
        -- A visitor counts only where nobody was logged in.
        on
            case when activities.customer_key is null then activities.visitor_key end
            = visitor_customers.visitor_key
    where coalesce(customer_keys.customer_id, visitor_customers.customer_id) is not null
),

dated as (
    {{ with_first_as_of_date('of_customers', known_at='known_from') }}
),

counted as (
    select
        customer_id,
        source_system,
        activity_type,
        activity_date,
        first_as_of_date,
        counts_until,
        count(*) as activity_count
    from dated
    group by
        customer_id,
        source_system,
        activity_type,
        activity_date,
        first_as_of_date,
        counts_until
),

final as (
    select
        counted.customer_id,
        counted.source_system,
        counted.activity_type,
        coalesce(activity_types.activity_theme, 'other') as activity_theme,
        coalesce(activity_types.is_by_customer, true) as is_by_customer,
        counted.activity_date,
        counted.first_as_of_date,
        counted.counts_until,
        counted.activity_count
    from counted
    left join activity_types on counted.activity_type = activity_types.activity_type
)

select * from final
