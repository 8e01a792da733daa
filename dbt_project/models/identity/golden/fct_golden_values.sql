{# What is believed of a customer, value by value: where it comes from, and which rule chose it. #}
with candidates as (
    select * from {{ ref('int_golden_candidates__ranked') }}
),

rules as (
    select * from {{ ref('survivorship_rules') }}
),

records as (
    select * from {{ ref('dim_customer_records') }}
),

winners as (
    select * from candidates
    where candidate_rank = 1
),

{# Of each other value, the first rule by which it fell behind; the last of these rules is the one that decided. #}
decided as (
    select
        winners.customer_id,
        winners.attribute_name,
        max(case
            {% for number in survivorship_rule_orders() %}
                when winners.score_{{ number }} > rivals.score_{{ number }} then {{ number }}
            {% endfor %}
            else {{ survivorship_rule_orders() | length + 1 }}
        end) as rule_order
    from winners
    inner join candidates as rivals
        on
            winners.customer_id = rivals.customer_id
            and winners.attribute_name = rivals.attribute_name
            and winners.comparable_value <> rivals.comparable_value
    group by
        winners.customer_id,
        winners.attribute_name
),

counted as (
    select
        customer_id,
        attribute_name,
        cast(count(*) as bigint) as candidate_count,
        cast(count(distinct comparable_value) as bigint) as distinct_value_count
    from candidates
    group by
        customer_id,
        attribute_name
),

explained as (
    select
        winners.*,
        counted.candidate_count,
        counted.distinct_value_count,
        case
            when decided.rule_order is null then 'only_value'
            else coalesce(rules.rule_name, 'fixed_order')
        end as rule_name
    from winners
    inner join counted
        on
            winners.customer_id = counted.customer_id
            and winners.attribute_name = counted.attribute_name
    left join decided
        on
            winners.customer_id = decided.customer_id
            and winners.attribute_name = decided.attribute_name
    left join rules
        on
            decided.attribute_name = rules.attribute_name
            and decided.rule_order = rules.rule_order
),

{# The parts of an address are read from the one record that won with the whole. #}
parts as (
    {% for part in address_columns() %}
        select
            explained.customer_id,
            '{{ part }}' as attribute_name,
            records.{{ part }} as attribute_value,
            {{ golden_provenance_columns('explained') }}
        from explained
        inner join records on explained.customer_key = records.customer_key
        where
            explained.attribute_name = 'address'
            and records.{{ part }} is not null
        union all
    {% endfor %}
    select
        customer_id,
        attribute_name,
        case
            when attribute_name in ('given_name', 'family_name') then {{ name_as_written('attribute_value') }}
            else attribute_value
        end as attribute_value,
        {{ golden_provenance_columns('explained') }}
    from explained
    where attribute_name <> 'address'
),

final as (
    select
        {{ dbt.hash("customer_id || '|' || attribute_name") }} as golden_value_id,
        *
    from parts
)

select * from final
