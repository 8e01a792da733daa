{#
    Recency, frequency and monetary value, each scored 1 to 5 by fifths of the customers of a source
    (equal values score equally), and the value tier by sales percentile.
#}
with behaviour as (
    select * from {{ ref('int_customers__purchase_behaviour') }}
    where last_order_date is not null
),

customers as (
    select
        customer_id,
        min(source_system) as source_system
    from {{ ref('bdg_home_customer_keys') }}
    group by customer_id
),

as_of as (
    select as_of_date from {{ ref('int_as_of__resolved') }}
),

segments as (
    select * from {{ ref('rfm_segments') }}
),

tiers as (
    select
        value_tier,
        min_sales_percentile,
        coalesce(lag(min_sales_percentile) over (order by tier_rank), 2) as below_sales_percentile
    from {{ ref('value_tiers') }}
),

measured as (
    select
        behaviour.customer_id,
        customers.source_system,
        cast({{ days_between('behaviour.last_order_date', 'as_of.as_of_date') }} as bigint) as recency_days,
        behaviour.order_count,
        behaviour.sales_amount
    from behaviour
    inner join customers on behaviour.customer_id = customers.customer_id
    cross join as_of
),

ranked as (
    select
        *,
        percent_rank() over (partition by source_system order by recency_days desc) as recency_percentile,
        percent_rank() over (partition by source_system order by order_count) as frequency_percentile,
        percent_rank() over (partition by source_system order by sales_amount) as sales_percentile
    from measured
),

scored as (
    select
        *,
        cast(least(1 + floor(5 * recency_percentile), 5) as bigint) as recency_score,
        cast(least(1 + floor(5 * frequency_percentile), 5) as bigint) as frequency_score,
        cast(least(1 + floor(5 * sales_percentile), 5) as bigint) as monetary_score
    from ranked
),

final as (
    select
        scored.customer_id,
        scored.recency_days,
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,
        segments.rfm_segment,
        scored.sales_percentile,
        tiers.value_tier
    from scored
    inner join segments
        on
            scored.recency_score = segments.recency_score
            and scored.frequency_score = segments.frequency_score
    inner join tiers
        on
            scored.sales_percentile >= tiers.min_sales_percentile
            and scored.sales_percentile < tiers.below_sales_percentile
)

select * from final
