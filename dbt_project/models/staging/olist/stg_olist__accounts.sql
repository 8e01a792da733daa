{{ config(enabled=is_enabled_source()) }}

{# A seller is a company that the marketplace sells to. Some won deals never came to sell: they are no less won. #}
with sellers as (
    select * from {{ latest_versions('base_olist__sellers', ['seller_id']) }} as latest
),

closed_deals as (
    select * from {{ latest_versions('base_olist__closed_deals', ['lead_id']) }} as latest
),

order_items as (
    select * from {{ latest_versions('base_olist__order_items', ['order_id', 'item_number']) }} as latest
),

orders as (
    select * from {{ latest_versions('base_olist__orders', ['order_id']) }} as latest
),

{# Should a seller have been won twice, the first deal says who they are. #}
ranked_deals as (
    select
        *,
        row_number() over (
            partition by seller_id
            order by
                won_at,
                lead_id
        ) as deal_rank
    from closed_deals
),

first_sales as (
    select
        order_items.seller_id,
        min(orders.occurred_at) as first_sold_at
    from order_items
    inner join orders on order_items.order_id = orders.order_id
    group by order_items.seller_id
),

seller_ids as (
    select seller_id from sellers
    union
    select seller_id from ranked_deals
),

final as (
    select
        {{ source_key('seller_ids.seller_id') }} as account_id,
        '{{ this_source() }}' as source_system,
        ranked_deals.business_segment as industry,
        -- What the seller says to sell for a month, for a year: the nearest that the source has.
        12 * ranked_deals.declared_monthly_revenue_amount as potential_amount,
        sellers.city,
        'BR' as country_code,
        least(ranked_deals.won_at, first_sales.first_sold_at) as first_known_at
    from seller_ids
    left join sellers on seller_ids.seller_id = sellers.seller_id
    left join ranked_deals
        on
            seller_ids.seller_id = ranked_deals.seller_id
            and ranked_deals.deal_rank = 1
    left join first_sales on seller_ids.seller_id = first_sales.seller_id
)

select * from final
