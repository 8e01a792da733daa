{#
    The one place where a source's own customer key becomes a customer. Until records are matched across systems,
    each record is a customer of its own.
#}
select
    customer_key,
    source_system,
    customer_key as customer_id,
    source_system as home_source_system
from {{ ref('dim_customer_records') }}
