{# What customers bought, gave back and redeemed. #}
with order_channels as (
    select
        orders.*,
        stores.channel
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_stores') }} as stores on orders.store_id = stores.store_id
    where orders.customer_key is not null
),

purchases as (
    select
        'order:' || order_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        channel,
        case when is_return then 'Purchase Returned' else 'Purchase Made' end as activity_type,
        order_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        sales_amount as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from order_channels
),

redemptions as (
    select
        'coupon_redemption:' || coupon_redemption_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        'store' as channel,
        'Coupon Redeemed' as activity_type,
        coupon_redemption_id as subject_id,
        campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        known_at as occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_coupon_redemptions') }}
),

final as (
    select * from purchases

    union all
    select * from redemptions
)

select * from final
