{{ config(**incremental_by_key('order_id', partition_by='order_month')) }}

{#
    An order is the sum of its lines, so an order that gains a line is summed again from all of them. It is a return if all
    of its lines are: who buys and brings something back at once has bought.
#}
with order_lines as (
    select * from {{ ref('fct_order_lines') }}
),

{% if is_incremental() %}
touched_orders as (
    {# From the table, not from the CTE above: one that is read twice would be kept whole in memory. #}
    select distinct order_lines.order_id
    from {{ ref('fct_order_lines') }} as order_lines
    where {{ loaded_since_last_build('order_lines') }}
),

{% endif %}
final as (
    select
        order_lines.order_id,
        min(order_lines.source_system) as source_system,
        min(order_lines.customer_key) as customer_key,
        min(order_lines.store_id) as store_id,
        cast(count(*) as bigint) as line_count,
        cast(count(distinct order_lines.product_id) as bigint) as product_count,
        cast(sum(order_lines.sales_amount) as decimal(18, 2)) as sales_amount,
        cast(sum(order_lines.list_amount) as decimal(18, 2)) as list_amount,
        cast(sum(order_lines.discount_amount) as decimal(18, 2)) as discount_amount,
        cast(sum(order_lines.coupon_discount_amount) as decimal(18, 2)) as coupon_discount_amount,
        min(case when order_lines.is_return then 1 else 0 end) = 1 as is_return,
        min(order_lines.occurred_at) as occurred_at,
        max(order_lines.known_at) as known_at,
        min(order_lines.order_date) as order_date,
        min(order_lines.occurred_at_local) as occurred_at_local,
        max(order_lines.loaded_at) as loaded_at,
        min(order_lines.order_month) as order_month
    from order_lines
    {% if is_incremental() %}
        inner join touched_orders on order_lines.order_id = touched_orders.order_id
    {% endif %}
    group by order_lines.order_id
)

select * from final
