{# What an order holds, by category; returns included with their sign. Nothing from "today" on is seen. #}
with order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

products as (
    select
        products.product_id,
        categories.category_id,
        categories.is_merchandise,
        categories.is_counted_in_units
    from {{ ref('dim_products') }} as products
    inner join {{ ref('dim_categories') }} as categories on products.category_id = categories.category_id
),

as_of as (
    select as_of_date from {{ ref('int_as_of__resolved') }}
),

final as (
    select
        order_lines.order_id,
        products.category_id,
        min(order_lines.source_system) as source_system,
        min(order_lines.customer_key) as customer_key,
        min(order_lines.order_date) as order_date,
        max(case when order_lines.is_return then 1 else 0 end) = 1 as is_return,
        max(case when products.is_merchandise then 1 else 0 end) = 1 as is_merchandise,
        cast(count(*) as bigint) as line_count,
        cast(sum(case when products.is_counted_in_units then order_lines.quantity else 0 end) as bigint) as unit_count,
        cast(sum(order_lines.sales_amount) as decimal(18, 2)) as sales_amount,
        cast(sum(order_lines.list_amount) as decimal(18, 2)) as list_amount,
        cast(sum(order_lines.discount_amount) as decimal(18, 2)) as discount_amount
    from order_lines
    inner join products on order_lines.product_id = products.product_id
    cross join as_of
    where order_lines.order_date < as_of.as_of_date
    group by
        order_lines.order_id,
        products.category_id
)

select * from final
