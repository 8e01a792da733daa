{# Ids that were given out and are no longer in use, and the customer that each has become. #}
with anchored as (
    select * from {{ ref('int_records__anchored') }}
),

given_out as (
    select
        customer_id,
        customer_key as anchor_customer_key,
        max(moment_number) as last_moment_number,
        max(known_at) as last_known_at
    from anchored
    where is_anchor
    group by
        customer_id,
        customer_key
),

current_customers as (
    select
        customer_key,
        customer_id
    from anchored
    where is_latest_moment
),

{# The anchor's next moment is the one at which it followed another. #}
next_moments as (
    select
        given_out.customer_id,
        min(anchored.known_at) as retired_at
    from given_out
    inner join anchored
        on
            given_out.anchor_customer_key = anchored.customer_key
            and given_out.last_moment_number < anchored.moment_number
    group by given_out.customer_id
),

final as (
    select
        given_out.customer_id as alias_customer_id,
        current_customers.customer_id,
        given_out.anchor_customer_key,
        next_moments.retired_at
    from given_out
    inner join current_customers on given_out.anchor_customer_key = current_customers.customer_key
    inner join next_moments on given_out.customer_id = next_moments.customer_id
    where given_out.customer_id <> current_customers.customer_id
)

select * from final
