{# What a customer spent and on what, and how recently they last did a big shop. #}
with visits as (
    select
        *,
        avg(sales_amount) over (partition by customer_id, as_of_date) as mean_sales_amount
    from {{ ref('int_customer_visits__dated') }}
),

variety as (
    select * from {{ ref('int_customer_variety__dated') }}
),

measured as (
    select
        customer_id,
        as_of_date,
        min(source_system) as source_system,
        {{ within_days('sales_amount', 84) }} / max(least(84, observed_days)) as sales_a_day_84d,
        sum(order_count) / cast(count(*) as double) as orders_a_shopping_day,
        {{ within_days('perishable_sales_amount', 84) }} / nullif({{ within_days('sales_amount', 84) }}, 0)
            as perishable_share_84d,
        sum(uncounted_sales_amount) / nullif(sum(sales_amount), 0) as fuel_share,
        sum(discount_amount) / nullif(sum(list_amount), 0) as discount_share,
        sum(coupon_discount_amount) as coupon_discount_amount,
        min(case when sales_amount >= mean_sales_amount then days_ago end) as days_since_big_shop
    from visits
    group by
        customer_id,
        as_of_date
),

final as (
    select
        measured.customer_id,
        measured.source_system,
        measured.as_of_date,
        measured.sales_a_day_84d,
        measured.orders_a_shopping_day,
        measured.perishable_share_84d,
        measured.fuel_share,
        measured.discount_share,
        measured.coupon_discount_amount,
        cast(measured.days_since_big_shop as double) as days_since_big_shop,
        cast(coalesce(variety.stores_84d, 0) as double) as stores_84d,
        cast(coalesce(variety.categories_84d, 0) as double) as categories_84d,
        cast(coalesce(variety.categories_28d, 0) as double) as categories_28d
    from measured
    left join variety
        on
            measured.customer_id = variety.customer_id
            and measured.as_of_date = variety.as_of_date
)

select * from final
