{# Households: where they are, how many of their members are known, and what a source tells about the home. #}
with members as (
    select * from {{ ref('bdg_household_members') }}
),

golden_records as (
    select * from {{ ref('dim_golden_records') }}
),

joined as (
    select
        members.household_id,
        members.rule_name,
        members.is_simulated as is_simulated_member,
        golden_records.*,
        -- What is told about the home is told of one member; the one of whom most is told speaks for it.
        row_number() over (
            partition by members.household_id
            order by
                case when members.rule_name = 'household_of_source' then 0 else 1 end,
                case when golden_records.household_size is null then 1 else 0 end,
                golden_records.customer_id
        ) as speaker_rank
    from members
    inner join golden_records on members.customer_id = golden_records.customer_id
),

final as (
    select
        household_id,
        cast(count(*) as bigint) as member_count,
        cast(count(distinct lower(family_name)) as bigint) as family_name_count,
        max(case when rule_name = 'household_of_source' then 1 else 0 end) = 1 as is_told_by_source,
        max(case when is_simulated_member then 1 else 0 end) = 1 as has_simulated_members,
        max(case when speaker_rank = 1 then customer_id end) as main_customer_id,
        max(case when speaker_rank = 1 then street_address end) as street_address,
        max(case when speaker_rank = 1 then city end) as city,
        max(case when speaker_rank = 1 then postal_code end) as postal_code,
        max(case when speaker_rank = 1 then country_code end) as country_code,
        max(case when speaker_rank = 1 then household_size end) as household_size,
        max(case when speaker_rank = 1 then household_composition end) as household_composition,
        max(case when speaker_rank = 1 then kids_count end) as kids_count,
        min(first_known_at) as first_known_at
    from joined
    group by household_id
)

select * from final
