select
    source_system,
    as_of_date,
    lifecycle_stage,
    cast(count(*) as bigint) as customer_count
from {{ ref('int_customers__staged') }}
group by
    source_system,
    as_of_date,
    lifecycle_stage
