{# Sales by month and category; units only where the quantity is a count of things. #}
with order_categories as (
    select
        *,
        cast({{ dbt.date_trunc('month', 'order_date') }} as date) as order_month
    from {{ ref('fct_order_categories') }}
),

categories as (
    select * from {{ ref('dim_categories') }}
),

final as (
    select
        order_categories.source_system,
        order_categories.order_month,
        order_categories.category_id,
        min(categories.category_name) as category_name,
        min(categories.department_name) as department_name,
        cast(sum(order_categories.line_count) as bigint) as line_count,
        cast(count(*) as bigint) as order_count,
        cast(sum(order_categories.unit_count) as bigint) as unit_count,
        cast(sum(order_categories.sales_amount) as decimal(18, 2)) as sales_amount,
        {{ share_of('sum(order_categories.discount_amount)', 'sum(order_categories.list_amount)') }} as discount_share
    from order_categories
    inner join categories on order_categories.category_id = categories.category_id
    group by
        order_categories.source_system,
        order_categories.order_month,
        order_categories.category_id
)

select * from final
