{{ config(materialized='connected_components') }}

{# What is linked at a moment, before anybody asks whether it can be one customer. #}
select
    record_node as node_a,
    value_node as node_b
from {{ ref('int_links__by_moment') }}
