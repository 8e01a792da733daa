{#
    Every feature is computed from these visits. None of them lies on or after its as-of date, and on none was the
    gap measured to a day that came later.
#}
select
    customer_id,
    as_of_date,
    order_date
from {{ ref('int_customer_visits__dated') }}
where
    order_date >= as_of_date
    or days_ago < 1
    or days_ago > observed_days
    or gap_days < 1
