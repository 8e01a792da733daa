{{ config(materialized='view') }}

{# "Today" of each source: it begins at midnight on the source's own clock. #}
select
    source_systems.source_system,
    source_systems.is_simulated,
    source_systems.time_zone,
    as_of.as_of_date,
    {{ utc_from_local('as_of.as_of_date', 'source_systems.time_zone') }} as as_of_at
from {{ ref('dim_source_systems') }} as source_systems
cross join {{ ref('int_as_of__resolved') }} as as_of
