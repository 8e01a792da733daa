{# The customer 360: who they are, how they buy, what they are worth, where they stand. #}
with identified as (
    select * from {{ ref('int_customers__identified') }}
),

behaviour as (
    select * from {{ ref('int_customers__purchase_behaviour') }}
),

rfm as (
    select * from {{ ref('int_customers__rfm') }}
),

favourite_categories as (
    select * from {{ ref('fct_customer_categories') }}
    where category_rank = 1
),

category_breadth as (
    select
        customer_id,
        cast(count(*) as bigint) as category_count
    from {{ ref('fct_customer_categories') }}
    group by customer_id
),

campaign_response as (
    select * from {{ ref('int_customers__campaign_response') }}
),

lifecycle as (
    select * from {{ ref('fct_customer_lifecycle') }}
    where is_current
),

final as (
    select
        identified.*,
        ---------- purchases at the home source
        behaviour.first_order_date,
        behaviour.last_order_date,
        coalesce(behaviour.order_count, 0) as order_count,
        coalesce(behaviour.return_count, 0) as return_count,
        coalesce(behaviour.shopping_day_count, 0) as shopping_day_count,
        coalesce(behaviour.sales_amount, 0) as sales_amount,
        behaviour.average_order_amount,
        behaviour.average_lines_per_order,
        behaviour.mean_days_between,
        behaviour.median_days_between,
        behaviour.standard_deviation_days_between,
        behaviour.ninetieth_percentile_days_between,
        behaviour.weekend_order_share,
        behaviour.favourite_weekday_number,
        behaviour.favourite_day_part,
        behaviour.store_count,
        behaviour.favourite_store_id,
        category_breadth.category_count,
        favourite_categories.category_id as favourite_category_id,
        favourite_categories.sales_share as favourite_category_share,
        ---------- price and campaigns
        behaviour.discount_share,
        campaign_response.campaign_send_count,
        campaign_response.coupon_redemption_count,
        campaign_response.last_redemption_date,
        ---------- value
        rfm.recency_days,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        rfm.rfm_segment,
        rfm.value_tier,
        ---------- lifecycle
        -- Who becomes known only after "today" stands nowhere yet.
        coalesce(lifecycle.lifecycle_stage, 'prospect') as lifecycle_stage,
        lifecycle.valid_from_date as lifecycle_stage_since_date
    from identified
    left join behaviour on identified.customer_id = behaviour.customer_id
    left join rfm on identified.customer_id = rfm.customer_id
    left join favourite_categories on identified.customer_id = favourite_categories.customer_id
    left join category_breadth on identified.customer_id = category_breadth.customer_id
    left join campaign_response on identified.customer_id = campaign_response.customer_id
    left join lifecycle on identified.customer_id = lifecycle.customer_id
)

select * from final
