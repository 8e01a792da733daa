{# Pairs of facts that cannot be true of one person, where records that are linked at a moment say both. #}
with facts as (
    select distinct
        component,
        fact_type,
        fact_value
    from {{ ref('int_facts__by_moment') }}
),

pairs as (
    select
        facts_a.component,
        facts_a.fact_type,
        facts_a.fact_value as fact_value_a,
        facts_b.fact_value as fact_value_b
    from facts as facts_a
    inner join facts as facts_b
        on
            facts_a.component = facts_b.component
            and facts_a.fact_type = facts_b.fact_type
            and facts_a.fact_value < facts_b.fact_value
),

distinct_pairs as (
    select distinct
        fact_type,
        fact_value_a,
        fact_value_b,
        {{ text_part('fact_value_a', '|', 1) }} as given_name_a,
        {{ text_part('fact_value_a', '|', 2) }} as family_name_a,
        {{ text_part('fact_value_b', '|', 1) }} as given_name_b,
        {{ text_part('fact_value_b', '|', 2) }} as family_name_b
    from pairs
),

variants as (
    select * from {{ ref('given_name_variants') }}
),

same_names as (
    select distinct
        distinct_pairs.fact_value_a,
        distinct_pairs.fact_value_b
    from distinct_pairs
    inner join variants as variants_a on distinct_pairs.given_name_a = variants_a.given_name
    inner join variants as variants_b on distinct_pairs.given_name_b = variants_b.given_name
    where
        distinct_pairs.fact_type = 'name'
        and variants_a.canonical_name = variants_b.canonical_name
),

contradicting as (
    select
        distinct_pairs.fact_type,
        distinct_pairs.fact_value_a,
        distinct_pairs.fact_value_b
    from distinct_pairs
    left join same_names
        on
            distinct_pairs.fact_value_a = same_names.fact_value_a
            and distinct_pairs.fact_value_b = same_names.fact_value_b
    where
        case
            when distinct_pairs.fact_type = 'name'
                then
                    same_names.fact_value_a is null
                    and not {{ names_are_alike('given_name_a', 'given_name_b') }}
                    -- Some systems write the family name first.
                    and not (
                        distinct_pairs.family_name_a || distinct_pairs.family_name_b <> ''
                        and {{ names_are_alike('given_name_a', 'family_name_b') }}
                        and {{ names_are_alike('family_name_a', 'given_name_b') }}
                    )
            when distinct_pairs.fact_type = 'birth_date'
                then {{ birth_dates_contradict('distinct_pairs.fact_value_a', 'distinct_pairs.fact_value_b') }}
            else true
        end
),

final as (
    select
        pairs.component,
        pairs.fact_type,
        pairs.fact_value_a,
        pairs.fact_value_b
    from pairs
    inner join contradicting
        on
            pairs.fact_type = contradicting.fact_type
            and pairs.fact_value_a = contradicting.fact_value_a
            and pairs.fact_value_b = contradicting.fact_value_b
)

select * from final
