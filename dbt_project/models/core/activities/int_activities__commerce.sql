{# What customers bought, gave back and redeemed. #}
with order_channels as (
    select
        orders.*,
        stores.channel
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_stores') }} as stores on orders.store_id = stores.store_id
    where orders.customer_key is not null
)

{{ activity(
    'order_channels', 'order', 'order_id',
    "case when is_return then 'Purchase Returned' else 'Purchase Made' end",
    channel='channel', activity_amount='sales_amount',
) }}
union all
{{ activity(
    ref('fct_coupon_redemptions'), 'coupon_redemption', 'coupon_redemption_id', "'Coupon Redeemed'",
    channel="'store'", campaign_id='campaign_id', occurred_at='known_at',
) }}
