{{ config(materialized='view') }}

{#
    The records on which a customer's purchases, features and scores rest: those of the home source. Sources differ in
    currency and calendar, and what is real is never mixed with what is simulated.
#}
select
    customer_key,
    source_system,
    customer_id
from {{ ref('bdg_customer_keys') }}
where source_system = home_source_system
