{# An unknown product is no reason to lose a sale: what only order lines or coupons mention is added, and flagged. #}
with catalogued as (
    select * from {{ ref('int_products__unioned') }}
),

sold as (
    select distinct
        product_id,
        source_system
    from {{ ref('fct_order_lines') }}
),

couponed as (
    select distinct
        product_id,
        source_system
    from {{ ref('bdg_coupon_products') }}
),

mentioned as (
    select * from sold
    union
    select * from couponed
),

inferred as (
    select mentioned.*
    from mentioned
    left join catalogued on mentioned.product_id = catalogued.product_id
    where catalogued.product_id is null
),

united as (
    select
        product_id,
        source_system,
        product_name,
        brand,
        package_size,
        source_department,
        source_category,
        coalesce(category_id, 'unclassified') as category_id,
        true as is_catalogued
    from catalogued

    union all

    select
        product_id,
        source_system,
        null as product_name,
        null as brand,
        null as package_size,
        null as source_department,
        null as source_category,
        'unclassified' as category_id,
        false as is_catalogued
    from inferred
),

final as (
    select
        united.product_id,
        united.source_system,
        united.product_name,
        united.brand,
        united.package_size,
        united.source_department,
        united.source_category,
        united.category_id,
        united.is_catalogued,
        sold.product_id is not null as is_sold,
        couponed.product_id is not null as is_couponed
    from united
    left join sold on united.product_id = sold.product_id
    left join couponed on united.product_id = couponed.product_id
)

select * from final
