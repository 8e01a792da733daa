{#
    What ties the records of a customer together as things stand: values that at least two of its records share, and
    pairs of its records that are alike or that a person linked. A link that joins two of its records is the first
    record that has the value, or the first of the pair, and the other one.
#}
with links as (
    select * from {{ ref('int_links__dated') }}
    where linked_to is null
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

counted as (
    select
        customer_keys.customer_id,
        links.customer_key,
        links.value_key,
        links.identifier_type,
        links.rule_name,
        links.priority,
        links.link_probability,
        links.evidence,
        links.linked_from,
        count(*) over (partition by customer_keys.customer_id, links.value_key) as record_count,
        row_number() over (
            partition by customer_keys.customer_id, links.value_key
            order by links.linked_from, links.customer_key
        ) as record_rank
    from links
    inner join customer_keys on links.customer_key = customer_keys.customer_key
),

final as (
    select
        counted.customer_id,
        counted.customer_key,
        counted.value_key,
        firsts.customer_key as first_customer_key,
        counted.identifier_type,
        counted.rule_name,
        counted.priority,
        counted.link_probability,
        counted.evidence,
        counted.linked_from,
        cast(counted.record_count as bigint) as record_count
    from counted
    inner join counted as firsts
        on
            counted.customer_id = firsts.customer_id
            and counted.value_key = firsts.value_key
            and firsts.record_rank = 1
    where counted.record_count > 1
)

select * from final
