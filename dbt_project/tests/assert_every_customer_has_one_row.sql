{# The customer 360 holds every customer that any record resolves to, once: none is lost in a join, none doubled. #}
with resolved as (
    select distinct customer_id
    from {{ ref('bdg_customer_keys') }}
),

shown as (
    select
        customer_id,
        count(*) as row_count
    from {{ ref('dim_customers') }}
    group by customer_id
)

select
    resolved.customer_id as resolved_customer_id,
    shown.customer_id as shown_customer_id,
    shown.row_count
from resolved
full outer join shown on resolved.customer_id = shown.customer_id
where
    resolved.customer_id is null
    or shown.customer_id is null
    or shown.row_count <> 1
