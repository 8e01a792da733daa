{# What a customer was sent, and which coupons came back. #}
with customer_keys as (
    select * from {{ ref('bdg_home_customer_keys') }}
),

as_of as (
    select as_of_date from {{ ref('int_as_of__resolved') }}
),

sends as (
    select
        customer_keys.customer_id,
        cast(count(*) as bigint) as campaign_send_count
    from {{ ref('fct_campaign_sends') }} as campaign_sends
    inner join customer_keys on campaign_sends.customer_key = customer_keys.customer_key
    cross join as_of
    where cast(campaign_sends.occurred_at as date) < as_of.as_of_date
    group by customer_keys.customer_id
),

redemptions as (
    select
        customer_keys.customer_id,
        cast(count(*) as bigint) as coupon_redemption_count,
        max(coupon_redemptions.redemption_date) as last_redemption_date
    from {{ ref('fct_coupon_redemptions') }} as coupon_redemptions
    inner join customer_keys on coupon_redemptions.customer_key = customer_keys.customer_key
    cross join as_of
    where coupon_redemptions.redemption_date < as_of.as_of_date
    group by customer_keys.customer_id
),

customers as (
    select distinct customer_id
    from customer_keys
),

final as (
    select
        customers.customer_id,
        coalesce(sends.campaign_send_count, 0) as campaign_send_count,
        coalesce(redemptions.coupon_redemption_count, 0) as coupon_redemption_count,
        redemptions.last_redemption_date
    from customers
    left join sends on customers.customer_id = sends.customer_id
    left join redemptions on customers.customer_id = redemptions.customer_id
)

select * from final
