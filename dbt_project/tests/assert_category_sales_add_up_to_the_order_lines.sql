{#
    Every line has a product and every product a category, be it `unclassified`: sales by category, over all of them,
    are the sales of the lines before "today". A line that lost its product on the way would be missing here.
#}
with order_lines as (
    select
        order_lines.source_system,
        sum(order_lines.sales_amount) as sales_amount,
        count(*) as line_count
    from {{ ref('fct_order_lines') }} as order_lines
    cross join {{ ref('int_as_of__resolved') }} as as_of
    where order_lines.order_date < as_of.as_of_date
    group by order_lines.source_system
),

categories as (
    select
        source_system,
        sum(sales_amount) as sales_amount,
        sum(line_count) as line_count
    from {{ ref('fct_category_sales') }}
    group by source_system
)

select
    order_lines.source_system,
    order_lines.sales_amount,
    categories.sales_amount as sales_amount_of_categories
from order_lines
full outer join categories on order_lines.source_system = categories.source_system
where
    order_lines.source_system is null
    or categories.source_system is null
    or order_lines.sales_amount <> categories.sales_amount
    or order_lines.line_count <> categories.line_count
