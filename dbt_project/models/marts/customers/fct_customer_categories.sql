{# Which categories a customer buys, and how much of their spending each takes. #}
with order_categories as (
    select * from {{ ref('fct_order_categories') }}
),

customer_keys as (
    select * from {{ ref('bdg_home_customer_keys') }}
),

categories as (
    select * from {{ ref('dim_categories') }}
),

bought as (
    select
        customer_keys.customer_id,
        order_categories.category_id,
        cast(count(*) as bigint) as order_count,
        cast(sum(order_categories.line_count) as bigint) as line_count,
        cast(sum(order_categories.sales_amount) as decimal(18, 2)) as sales_amount,
        max(order_categories.order_date) as last_order_date
    from order_categories
    inner join customer_keys on order_categories.customer_key = customer_keys.customer_key
    group by
        customer_keys.customer_id,
        order_categories.category_id
),

final as (
    select
        bought.customer_id,
        bought.category_id,
        categories.department_id,
        bought.order_count,
        bought.line_count,
        bought.sales_amount,
        {{ share_of('bought.sales_amount', 'sum(bought.sales_amount) over (partition by bought.customer_id)') }}
            as sales_share,
        cast(
            row_number() over (
                partition by bought.customer_id
                order by
                    case when categories.is_merchandise then 0 else 1 end, bought.sales_amount desc, bought.category_id
            ) as bigint
        ) as category_rank,
        bought.last_order_date
    from bought
    inner join categories on bought.category_id = categories.category_id
)

select * from final
