{# Points as on a bank account. The level follows from all that was ever earned: spending costs nobody theirs. #}
with entries as (
    select * from {{ ref('int_loyalty_entries__unioned') }}
),

levels as (
    select
        source_system,
        loyalty_level,
        min_growth_points,
        lead(min_growth_points) over (partition by source_system order by level_rank) as next_level_points
    from {{ ref('dim_loyalty_levels') }}
),

balanced as (
    select
        *,
        cast(sum(points) over (
            partition by customer_key
            order by occurred_at, loyalty_entry_id
            rows between unbounded preceding and current row
        ) as bigint) as balance_points,
        cast(sum(case when entry_type = 'earned' then points else 0 end) over (
            partition by customer_key
            order by occurred_at, loyalty_entry_id
            rows between unbounded preceding and current row
        ) as bigint) as growth_points
    from entries
),

final as (
    select
        balanced.loyalty_entry_id,
        balanced.source_system,
        balanced.customer_key,
        balanced.entry_type,
        balanced.points,
        balanced.entry_reason,
        balanced.order_id,
        balanced.occurred_at,
        balanced.known_at,
        balanced.loaded_at,
        balanced.balance_points,
        balanced.growth_points,
        levels.loyalty_level
    from balanced
    left join levels
        on
            balanced.source_system = levels.source_system
            and balanced.growth_points >= levels.min_growth_points
            and (balanced.growth_points < levels.next_level_points or levels.next_level_points is null)
)

select * from final
