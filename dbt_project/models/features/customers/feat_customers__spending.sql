{# What a customer spent and on what, and how recently they last did a big shop. #}
with visits as (
    select
        *,
        sum(sales_amount) over (partition by customer_id, as_of_date) as all_sales_amount,
        count(*) over (partition by customer_id, as_of_date) as visit_count
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
        {{ share_of(within_days('sales_amount', 84), 'max(least(84, observed_days))') }} as sales_a_day_84d,
        {{ share_of('sum(order_count)', 'count(*)') }} as orders_a_shopping_day,
        {{ share_of(within_days('perishable_sales_amount', 84), within_days('sales_amount', 84)) }}
            as perishable_share_84d,
        {{ share_of('sum(uncounted_sales_amount)', 'sum(sales_amount)') }} as fuel_share,
        {{ share_of('sum(discount_amount)', 'sum(list_amount)') }} as discount_share,
        cast(sum(coupon_discount_amount) as double) as coupon_discount_amount,
        -- At least the mean, asked without dividing: amounts are exact, means are not.
        min(case when sales_amount * visit_count >= all_sales_amount then days_ago end) as days_since_big_shop
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
