{#
    How likely all records of a customer are one person, as the probabilities of its rules have it: that each record
    belongs to those before it, one after the other. So it is the bridges that count. A clique of records that share
    much is nearly certain; each link of a long chain takes away what it leaves in doubt.
#}
with steps as (
    select * from {{ ref('fct_customer_build_steps') }}
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by join_probability, step_number desc
        ) as weakness_rank
    from steps
    where step_number > 1
),

weakest as (
    select * from ranked
    where weakness_rank = 1
),

joined as (
    select
        customer_id,
        count(*) as record_count,
        round(exp(sum(ln(greatest(join_probability, 0.000000001)))), 9) as confidence
    from steps
    group by customer_id
),

final as (
    select
        joined.customer_id,
        cast(joined.record_count as bigint) as record_count,
        joined.confidence,
        weakest.customer_key as weakest_customer_key,
        weakest.rule_name as weakest_rule,
        weakest.evidence as weakest_evidence,
        weakest.join_probability as weakest_probability
    from joined
    left join weakest on joined.customer_id = weakest.customer_id
)

select * from final
