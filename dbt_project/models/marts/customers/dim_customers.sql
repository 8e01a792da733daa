{# The customer 360: who they are, how they buy, what they are worth, where they stand, whether they will leave. #}
with customer_records as (
    select
        customer_keys.customer_id,
        records.*
    from {{ ref('dim_customer_records') }} as records
    inner join {{ ref('bdg_customer_keys') }} as customer_keys
        on records.customer_key = customer_keys.customer_key
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

churn as (
    select * from {{ ref('int_churn_scores__latest') }}
),

source_systems as (
    select * from {{ ref('dim_source_systems') }}
),

final as (
    select
        customer_records.customer_id,
        customer_records.source_system,
        source_systems.is_simulated,
        ---------- who
        customer_records.age_band,
        customer_records.income_band,
        customer_records.home_ownership,
        customer_records.marital_status,
        customer_records.household_size,
        customer_records.household_composition,
        customer_records.kids_count,
        ---------- purchases
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
        lifecycle.valid_from_date as lifecycle_stage_since_date,
        ---------- scores
        churn.churn_probability,
        churn.churn_risk_band,
        churn.reason_1 as churn_reason_1,
        churn.reason_2 as churn_reason_2,
        churn.reason_3 as churn_reason_3,
        churn.as_of_date as churn_as_of_date
    from customer_records
    inner join source_systems on customer_records.source_system = source_systems.source_system
    left join behaviour on customer_records.customer_id = behaviour.customer_id
    left join rfm on customer_records.customer_id = rfm.customer_id
    left join favourite_categories on customer_records.customer_id = favourite_categories.customer_id
    left join category_breadth on customer_records.customer_id = category_breadth.customer_id
    left join campaign_response on customer_records.customer_id = campaign_response.customer_id
    left join lifecycle on customer_records.customer_id = lifecycle.customer_id
    left join churn on customer_records.customer_id = churn.customer_id
)

select * from final
