{{ config(materialized='connected_components') }}

{# What was ever linked, by whatever: records that never meet here are never the same customer. #}
select distinct
    customer_key as node_a,
    value_key as node_b
from {{ ref('int_links__dated') }}
