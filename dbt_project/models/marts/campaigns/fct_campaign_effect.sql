{#
    What a campaign brought: reach, redemptions, and the change in spending of those who were sent it against the change
    of those who were not (difference in differences), compared within fifths of equal spending before and weighted by
    where the recipients are. Nobody drew lots for these campaigns: the effect is observational, not proof.
#}
with as_of as (
    select as_of_date from {{ ref('int_as_of__resolved') }}
),

campaigns as (
    select dim_campaigns.*
    from {{ ref('dim_campaigns') }} as dim_campaigns
    cross join as_of
    where dim_campaigns.start_date < as_of.as_of_date
),

compared as (
    select * from {{ ref('int_campaign_customers__compared') }}
),

strata as (
    select
        campaign_id,
        spending_stratum,
        min(window_days) as window_days,
        cast(sum(case when is_recipient then 1 else 0 end) as double) as recipients,
        cast(sum(case when is_recipient then 0 else 1 end) as double) as others,
        avg(case when is_recipient then sales_before end) as recipient_sales_before,
        avg(case when is_recipient then sales_during end) as recipient_sales_during,
        avg(case when is_recipient then sales_during - sales_before end) as recipient_change,
        avg(case when not is_recipient then sales_during - sales_before end) as other_change,
        var_samp(case when is_recipient then sales_during - sales_before end) as recipient_variance,
        var_samp(case when not is_recipient then sales_during - sales_before end) as other_variance
    from compared
    group by
        campaign_id,
        spending_stratum
),

{# A stratum with a single recipient, or with nobody to compare them to, says nothing about the spread. #}
usable_strata as (
    select
        *,
        recipients / sum(recipients) over (partition by campaign_id) as weight
    from strata
    where
        recipients >= 2
        and others >= 2
),

effects as (
    select
        campaign_id,
        min(window_days) as window_days,
        sum(recipients) as recipients,
        sum(others) as others,
        sum(weight * recipient_sales_before) as sales_before,
        sum(weight * recipient_sales_during) as sales_during,
        sum(weight * (recipient_change - other_change)) as effect,
        sqrt(sum(weight * weight * (recipient_variance / recipients + other_variance / others))) as standard_error
    from usable_strata
    group by campaign_id
),

sends as (
    select
        campaign_id,
        count(*) as send_count
    from {{ ref('int_campaign_recipients__resolved') }}
    group by campaign_id
),

redemptions as (
    select
        coupon_redemptions.campaign_id,
        count(*) as redemption_count,
        count(distinct customer_keys.customer_id) as redeemer_count
    from {{ ref('fct_coupon_redemptions') }} as coupon_redemptions
    left join {{ ref('bdg_customer_keys') }} as customer_keys
        on coupon_redemptions.customer_key = customer_keys.customer_key
    cross join as_of
    where coupon_redemptions.redemption_date < as_of.as_of_date
    group by coupon_redemptions.campaign_id
),

final as (
    select
        campaigns.campaign_id,
        campaigns.source_system,
        campaigns.campaign_name,
        campaigns.campaign_type,
        campaigns.start_date,
        campaigns.end_date,
        cast(coalesce(sends.send_count, 0) as bigint) as send_count,
        cast(coalesce(redemptions.redemption_count, 0) as bigint) as redemption_count,
        cast(coalesce(redemptions.redeemer_count, 0) as bigint) as redeemer_count,
        {{ share_of('coalesce(redemptions.redeemer_count, 0)', 'sends.send_count') }} as redemption_rate,
        effects.campaign_id is not null as is_measurable,
        effects.window_days,
        cast(effects.recipients as bigint) as compared_recipient_count,
        cast(effects.others as bigint) as compared_other_count,
        effects.sales_before as recipient_sales_before_amount,
        effects.sales_during as recipient_sales_during_amount,
        effects.effect as effect_per_recipient_amount,
        effects.effect - 1.96 * effects.standard_error as effect_lower_amount,
        effects.effect + 1.96 * effects.standard_error as effect_upper_amount,
        effects.effect * effects.recipients as effect_total_amount
    from campaigns
    left join effects on campaigns.campaign_id = effects.campaign_id
    left join sends on campaigns.campaign_id = sends.campaign_id
    left join redemptions on campaigns.campaign_id = redemptions.campaign_id
)

select * from final
