{# Oddities that are kept, because dropping them would change what was sold; counted, so that nobody is surprised. #}
with order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

products as (
    select
        products.*,
        categories.is_counted_in_units
    from {{ ref('dim_products') }} as products
    inner join {{ ref('dim_categories') }} as categories on products.category_id = categories.category_id
),

unread_values as (
    select * from {{ ref('int_unread_values__unioned') }}
),

line_notes as (
    select
        order_lines.source_system,
        sum(case when order_lines.is_zero_quantity then 1 else 0 end) as zero_quantity,
        sum(case when order_lines.is_zero_value then 1 else 0 end) as zero_value,
        sum(case when order_lines.customer_key is null then 1 else 0 end) as anonymous,
        sum(case when order_lines.is_return then 1 else 0 end) as returned,
        sum(case when products.is_counted_in_units then 0 else 1 end) as uncounted,
        sum(case when products.is_catalogued then 0 else 1 end) as uncatalogued
    from order_lines
    inner join products on order_lines.product_id = products.product_id
    group by order_lines.source_system
),

product_notes as (
    select
        source_system,
        sum(case when not is_catalogued and is_sold then 1 else 0 end) as sold_only,
        sum(case when not is_catalogued and is_couponed then 1 else 0 end) as couponed_only,
        sum(case when category_id = 'unclassified' then 1 else 0 end) as unclassified
    from products
    group by source_system
),

{# The shop's tag says that a session ended in an order; whether that order ever came is another matter. #}
session_notes as (
    select
        sessions.source_system,
        count(*) as without_order
    from {{ ref('fct_sessions') }} as sessions
    left join {{ ref('fct_orders') }} as orders on sessions.order_id = orders.order_id
    where
        sessions.is_converted
        and orders.order_id is null
    group by sessions.source_system
),

final as (
    {% for column, note in [
        ('zero_quantity', 'order lines with quantity zero'),
        ('zero_value', 'order lines with sales of zero'),
        ('anonymous', 'order lines of unknown customers'),
        ('returned', 'order lines that are returns'),
        ('uncounted', 'order lines whose quantity is no count of items'),
        ('uncatalogued', 'order lines of products that no catalogue lists'),
    ] %}
        select
            source_system,
            '{{ note }}' as note,
            cast({{ column }} as bigint) as row_count
        from line_notes
        union all
    {% endfor %}
    {% for column, note in [
        ('sold_only', 'products that only order lines know'),
        ('couponed_only', 'products that only coupons know, or coupons and order lines'),
        ('unclassified', 'products without a category'),
    ] %}
        select
            source_system,
            '{{ note }}' as note,
            cast({{ column }} as bigint) as row_count
        from product_notes
        union all
    {% endfor %}
    select
        source_system,
        'sessions that ended in an order that is not there' as note,
        cast(without_order as bigint) as row_count
    from session_notes
    union all
    select
        source_system,
        'values of ' || column_name || ' in ' || source_table || ' that cannot be read' as note,
        unread_value_count as row_count
    from unread_values
)

select * from final
