{# Which categories meet in a basket more often than chance would have it. #}
with baskets as (
    select
        source_system,
        order_id,
        category_id
    from {{ ref('fct_order_categories') }}
    where
        not is_return
        and is_merchandise
),

totals as (
    select
        source_system,
        count(distinct order_id) as order_count
    from baskets
    group by source_system
),

category_orders as (
    select
        source_system,
        category_id,
        count(*) as order_count
    from baskets
    group by
        source_system,
        category_id
),

pairs as (
    select
        baskets.source_system,
        baskets.category_id,
        others.category_id as other_category_id,
        count(*) as order_count
    from baskets
    inner join baskets as others
        on
            baskets.order_id = others.order_id
            and baskets.category_id <> others.category_id
    group by
        baskets.source_system,
        baskets.category_id,
        others.category_id
),

final as (
    select
        pairs.source_system,
        pairs.category_id,
        pairs.other_category_id,
        cast(pairs.order_count as bigint) as order_count,
        {{ share_of('pairs.order_count', 'totals.order_count') }} as support,
        {{ share_of('pairs.order_count', 'category_orders.order_count') }} as confidence,
        {{ share_of('pairs.order_count', 'category_orders.order_count') }}
        / {{ share_of('other_orders.order_count', 'totals.order_count') }} as lift
    from pairs
    inner join totals on pairs.source_system = totals.source_system
    inner join category_orders
        on
            pairs.source_system = category_orders.source_system
            and pairs.category_id = category_orders.category_id
    inner join category_orders as other_orders
        on
            pairs.source_system = other_orders.source_system
            and pairs.other_category_id = other_orders.category_id
)

select * from final
