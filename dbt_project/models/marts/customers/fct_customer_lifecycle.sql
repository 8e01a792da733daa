{# The history of a customer's lifecycle stage, as intervals on the as-of grid. #}
with stages as (
    select * from {{ ref('int_customers__staged') }}
),

compared as (
    select
        *,
        lag(lifecycle_stage) over (partition by customer_id order by as_of_date) as previous_stage
    from stages
),

changes as (
    select * from compared
    where previous_stage is null or previous_stage <> lifecycle_stage
),

final as (
    select
        customer_id,
        source_system,
        lifecycle_stage,
        previous_stage,
        as_of_date as valid_from_date,
        lead(as_of_date) over (partition by customer_id order by as_of_date) as valid_to_date,
        lead(as_of_date) over (partition by customer_id order by as_of_date) is null as is_current
    from changes
)

select * from final
