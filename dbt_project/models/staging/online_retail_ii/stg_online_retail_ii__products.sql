{{ config(enabled=is_enabled_source()) }}

{# The source has no catalogue: a product is known by its lines, and called as it is called most often when sold. #}
with invoice_lines as (
    select * from {{ ref('base_online_retail_ii__invoice_lines') }}
    where quarantine_reason is null
),

fee_codes as (
    select * from {{ ref('online_retail_ii__fee_codes') }}
),

category_keywords as (
    select * from {{ ref('online_retail_ii__category_keywords') }}
),

descriptions as (
    select
        stock_code,
        description,
        sum(case when is_return then 0 else 1 end) as sold_line_count,
        count(*) as line_count
    from invoice_lines
    group by
        stock_code,
        description
),

ranked_descriptions as (
    select
        stock_code,
        description,
        row_number() over (
            partition by stock_code
            order by
                case when description is null then 1 else 0 end,
                sold_line_count desc,
                line_count desc,
                description
        ) as description_rank
    from descriptions
),

products as (
    select
        ranked_descriptions.stock_code,
        coalesce(ranked_descriptions.description, fee_codes.description) as product_name,
        fee_codes.category_id as fee_category_id
    from ranked_descriptions
    left join fee_codes on ranked_descriptions.stock_code = fee_codes.stock_code
    where ranked_descriptions.description_rank = 1
),

{# A blank at the edge of a keyword asks for the edge of a word, which the edge of a name is too. #}
first_matches as (
    select
        products.stock_code,
        min(category_keywords.priority) as priority
    from products
    inner join category_keywords
        on {{ dbt.position('category_keywords.keyword', "' ' || upper(products.product_name) || ' '") }} > 0
    group by products.stock_code
),

final as (
    select
        {{ source_key('products.stock_code') }} as product_id,
        '{{ this_source() }}' as source_system,
        products.product_name,
        coalesce(products.fee_category_id, category_keywords.category_id) as category_id
    from products
    left join first_matches on products.stock_code = first_matches.stock_code
    left join category_keywords on first_matches.priority = category_keywords.priority
)

select * from final
