{# "Today": the day after the last one that the enabled sources know, unless the setting `as_of` says otherwise. #}
select
    {% if var('as_of') %}
    cast('{{ var("as_of") }}' as date) as as_of_date,
    {% else %}
        {{ days_after('max(order_date)', 1) }} as as_of_date,
    {% endif %}
    min(order_date) as first_order_date,
    max(order_date) as last_order_date
from {{ ref('fct_orders') }}
