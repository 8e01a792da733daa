{#
    "Today": the day after the last one that the enabled sources know, unless the setting `as_of` says otherwise. Orders tell
    it; where no source has any, whatever else customers and visitors did does; where there is nothing but records, the
    day on which they came.
#}
with orders as (
    select
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from {{ ref('fct_orders') }}
),

activities as (
    select max(last_activity_date) as last_activity_date
    from {{ ref('int_activity_spans__by_source') }}
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
                'coalesce(orders.last_order_date, activities.last_activity_date, records.last_loaded_date)', 1
            ) }} as as_of_date,
        {% endif %}
        orders.first_order_date,
        orders.last_order_date
    from orders
    cross join activities
    cross join records
)

select * from final
