{#
    The candidates of each attribute of a customer in the order of the survivorship rules: the first rule that tells
    two of them apart decides. Where none does, a spelling with capitals and small letters goes first, then a fixed order.
#}
with candidates as (
    select
        *,
        count(*) over (partition by customer_id, attribute_name, comparable_value) as record_count
    from {{ ref('int_golden_candidates__collected') }}
),

rules as (
    select
        attribute_name,
        {% for number in survivorship_rule_orders() %}
            max(case when rule_order = {{ number }} then rule_name end) as rule_{{ number }},
        {% endfor %}
        max(record_systems) as record_systems
    from {{ ref('survivorship_rules') }}
    group by attribute_name
),

scored as (
    select
        candidates.customer_id,
        candidates.attribute_name,
        candidates.customer_key,
        candidates.source_system,
        candidates.is_simulated,
        candidates.attribute_value,
        candidates.comparable_value,
        {% for number in survivorship_rule_orders() %}
            {{ survivorship_score('rules.rule_' ~ number) }} as score_{{ number }},
        {% endfor %}
        candidates.value_changed_at
    from candidates
    left join rules on candidates.attribute_name = rules.attribute_name
),

final as (
    select
        customer_id,
        attribute_name,
        customer_key,
        source_system,
        is_simulated,
        attribute_value,
        comparable_value,
        value_changed_at,
        {% for number in survivorship_rule_orders() %}
            score_{{ number }},
        {% endfor %}
        cast(row_number() over (
            partition by customer_id, attribute_name
            order by
                {% for number in survivorship_rule_orders() %}
                    score_{{ number }} desc,
                {% endfor %}
                case when attribute_value in (lower(attribute_value), upper(attribute_value)) then 1 else 0 end,
                comparable_value,
                customer_key
        ) as bigint) as candidate_rank
    from scored
)

select * from final
