{# An address is never mixed: all parts of it are what one and the same record says. #}
select
    customer_id,
    count(distinct customer_key) as record_count
from {{ ref('fct_golden_values') }}
where {{ is_address_column('attribute_name') }}
group by customer_id
having count(distinct customer_key) > 1
