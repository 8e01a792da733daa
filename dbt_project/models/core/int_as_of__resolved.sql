{#
    "Today": the day after the last one that the enabled sources know, unless the setting `as_of` says otherwise. Orders tell
    it; where no source has any, what visitors did does; where there is nothing but records, the day on which they came.
#}
with orders as (
    select
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from {{ ref('fct_orders') }}
),

events as (
    select max(event_date) as last_event_date
    from {{ ref('fct_behaviour_events') }}
),

records as (
    select cast(max(first_loaded_at) as date) as last_loaded_date
    from {{ ref('dim_customer_records') }}
),

final as (
    select
        {% if var('as_of') %}
        cast('{{ var("as_of") }}' as date) as as_of_date,
        {% else %}
            {{ days_after(
                'coalesce(orders.last_order_date, events.last_event_date, records.last_loaded_date)', 1
            ) }} as as_of_date,
        {% endif %}
        orders.first_order_date,
        orders.last_order_date
    from orders
    cross join events
    cross join records
)

select * from final
