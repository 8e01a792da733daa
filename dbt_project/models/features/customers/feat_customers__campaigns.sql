{# What a customer had been sent, what still ran, and which coupons had come back. #}
with customer_dates as (
    select
        customer_id,
        source_system,
        as_of_date
    from {{ ref('feat_customers__rhythm') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates__spined') }}
    where is_feature_date
),

customer_keys as (
    select * from {{ ref('bdg_home_customer_keys') }}
),

sends as (
    select
        customer_keys.customer_id,
        as_of_dates.as_of_date,
        sum(
            case when campaigns.start_date >= {{ days_after('as_of_dates.as_of_date', -84) }} then 1 else 0 end
        ) as campaigns_84d,
        sum(case when campaigns.end_date >= as_of_dates.as_of_date then 1 else 0 end) as running_campaigns
    from {{ ref('fct_campaign_sends') }} as campaign_sends
    inner join customer_keys on campaign_sends.customer_key = customer_keys.customer_key
    inner join {{ ref('dim_campaigns') }} as campaigns on campaign_sends.campaign_id = campaigns.campaign_id
    inner join as_of_dates
        on
            campaign_sends.source_system = as_of_dates.source_system
            and campaign_sends.occurred_at < as_of_dates.as_of_at
    group by
        customer_keys.customer_id,
        as_of_dates.as_of_date
),

redemptions as (
    select
        customer_keys.customer_id,
        as_of_dates.as_of_date,
        count(*) as coupon_redemptions_84d
    from {{ ref('fct_coupon_redemptions') }} as coupon_redemptions
    inner join customer_keys on coupon_redemptions.customer_key = customer_keys.customer_key
    inner join as_of_dates
        on
            coupon_redemptions.source_system = as_of_dates.source_system
            and coupon_redemptions.known_at <= as_of_dates.as_of_at
            and coupon_redemptions.redemption_date < as_of_dates.as_of_date
            and coupon_redemptions.redemption_date >= {{ days_after('as_of_dates.as_of_date', -84) }}
    group by
        customer_keys.customer_id,
        as_of_dates.as_of_date
),

final as (
    select
        customer_dates.customer_id,
        customer_dates.source_system,
        customer_dates.as_of_date,
        cast(coalesce(sends.campaigns_84d, 0) as double) as campaigns_84d,
        cast(coalesce(sends.running_campaigns, 0) as double) as running_campaigns,
        cast(coalesce(redemptions.coupon_redemptions_84d, 0) as double) as coupon_redemptions_84d
    from customer_dates
    left join sends
        on
            customer_dates.customer_id = sends.customer_id
            and customer_dates.as_of_date = sends.as_of_date
    left join redemptions
        on
            customer_dates.customer_id = redemptions.customer_id
            and customer_dates.as_of_date = redemptions.as_of_date
)

select * from final
