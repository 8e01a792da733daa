{{ config(enabled=is_enabled_source()) }}

{# Weeks in which a store's promotion was delivered more than once: the only ones worth searching for the rows. #}
select distinct
    cast(1 + {{ days_between("date '2016-12-26'", 'week_start_date') }} / 7 as bigint) as week_number
from {{ ref('stg_complete_journey__promotions') }}
where repeated_row_count > 0
