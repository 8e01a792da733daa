{# How regularly a customer came, and how unusual the present silence is for them. #}
with visits as (
    select
        *,
        min(days_ago) over (partition by customer_id, as_of_date) as recency_days,
        row_number() over (partition by customer_id, as_of_date order by order_date desc) as visit_rank
    from {{ ref('int_customer_visits__dated') }}
),

measured as (
    select
        customer_id,
        as_of_date,
        min(source_system) as source_system,
        count(*) as shopping_days,
        max(observed_days) as observed_days,
        max(recency_days) as recency_days,
        max(days_ago) as tenure_days,
        {{ within_days('1', 14) }} as shopping_days_14d,
        {{ within_days('1', 28) }} as shopping_days_28d,
        {{ within_days('1', 84) }} as shopping_days_84d,
        {{ visit_rate_with_half_life(14) }} as visit_rate_halflife_14d,
        {{ visit_rate_with_half_life(28) }} as visit_rate_halflife_28d,
        {{ visit_rate_with_half_life(56) }} as visit_rate_halflife_56d,
        {{ visit_rate_with_half_life(112) }} as visit_rate_halflife_112d,
        count(distinct case when days_ago <= 56 then floor((days_ago - 1) / 7.0) end) as active_weeks_8w,
        count(distinct case when days_ago <= 182 then floor((days_ago - 1) / 7.0) end) as active_weeks_26w,
        {{ exact_spread('days_ago') }} as visit_spread_days,
        avg(gap_days) as mean_gap_days,
        {{ quantile('gap_days', 0.9) }} as ninetieth_percentile_gap_days,
        max(gap_days) as longest_gap_days,
        max(case when days_ago <= 84 then gap_days end) as longest_gap_84d_days,
        avg(case when visit_rank <= 5 then gap_days end) as recent_gap_days,
        count(gap_days) as gap_count,
        sum(case when gap_days > recency_days then 1 else 0 end) as longer_gap_count,
        sum(case when gap_days >= recency_days then 1 else 0 end) as as_long_gap_count,
        sum(case when gap_days >= recency_days + 28 then 1 else 0 end) as much_longer_gap_count,
        coalesce(sum(greatest(gap_days - 14, 0)), 0) as silent_days_beyond_14d,
        coalesce(sum(greatest(gap_days - 28, 0)), 0) as silent_days_beyond_28d,
        sum(case when gap_days > 21 then 1 else 0 end) as gaps_over_21d
    from visits
    group by
        customer_id,
        as_of_date
),

final as (
    select
        customer_id,
        source_system,
        as_of_date,
        cast(recency_days as double) as recency_days,
        cast(tenure_days as double) as tenure_days,
        cast(shopping_days_14d as double) as shopping_days_14d,
        cast(shopping_days_28d as double) as shopping_days_28d,
        cast(shopping_days_84d as double) as shopping_days_84d,
        {{ share_of('shopping_days', 'observed_days') }} as visit_rate,
        visit_rate_halflife_14d,
        visit_rate_halflife_28d,
        visit_rate_halflife_56d,
        visit_rate_halflife_112d,
        {{ share_of('active_weeks_8w', 'least(8, ceil(observed_days / 7.0))') }} as active_week_share_8w,
        {{ share_of('active_weeks_26w', 'least(26, ceil(observed_days / 7.0))') }} as active_week_share_26w,
        -- Half a day on either side keeps the trend of those who hardly come from jumping.
        {{ share_of('3 * (shopping_days_28d + 0.5)', 'shopping_days_84d + 1.5') }} as shopping_days_trend,
        visit_spread_days,
        mean_gap_days,
        ninetieth_percentile_gap_days,
        cast(longest_gap_days as double) as longest_gap_days,
        cast(longest_gap_84d_days as double) as longest_gap_84d_days,
        recent_gap_days,
        cast(recency_days as double) * shopping_days / observed_days as visits_missed,
        recency_days / mean_gap_days as recency_over_mean_gap,
        recency_days / ninetieth_percentile_gap_days as recency_over_ninetieth_percentile_gap,
        {{ share_of('longer_gap_count + 0.5', 'gap_count + 1') }} as longer_gap_share,
        {{ share_of('much_longer_gap_count + 0.12', 'as_long_gap_count + 1') }} as four_week_silence_share,
        silent_days_beyond_14d / cast(observed_days as double) as silence_beyond_14d_share,
        (silent_days_beyond_28d + greatest(recency_days - 28, 0)) / cast(greatest(observed_days - 28, 1) as double)
            as silence_beyond_28d_share,
        cast(gaps_over_21d as double) as gaps_over_21d
    from measured
)

select * from final
