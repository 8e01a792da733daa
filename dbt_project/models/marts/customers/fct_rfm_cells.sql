{# The RFM heat map: customers and their worth by recency and frequency score. #}
select
    source_system,
    recency_score,
    frequency_score,
    min(rfm_segment) as rfm_segment,
    cast(count(*) as bigint) as customer_count,
    cast(sum(sales_amount) as decimal(18, 2)) as sales_amount,
    avg(monetary_score) as average_monetary_score
from {{ ref('dim_customers') }}
where rfm_segment is not null
group by
    source_system,
    recency_score,
    frequency_score
