{#
    The customer of every record at every moment. A customer is named after its anchor: the record that the warehouse
    knew first, then in the order of the keys. A record that leads after it followed another leads a new customer: its
    generation is counted, so that an id that was retired never returns.
#}
with resolved as (
    select * from {{ ref('int_records__resolved') }}
),

led as (
    select
        *,
        first_value(customer_key) over (
            partition by cluster_node
            order by first_known_at, customer_key
        ) as anchor_customer_key
    from resolved
),

compared as (
    select
        *,
        customer_key = anchor_customer_key as is_anchor,
        lag(case when customer_key = anchor_customer_key then 1 else 0 end) over (
            partition by customer_key
            order by moment_number
        ) as was_anchor
    from led
),

counted as (
    select
        *,
        1 + sum(case when is_anchor and was_anchor = 0 then 1 else 0 end) over (
            partition by customer_key
            order by moment_number
            rows between unbounded preceding and current row
        ) as generation
    from compared
),

anchors as (
    select
        cluster_node,
        {{ customer_id_of('customer_key', 'generation') }} as customer_id,
        generation
    from counted
    where is_anchor
),

final as (
    select
        counted.record_node,
        counted.customer_key,
        counted.source_system,
        counted.group_key,
        counted.moment_number,
        counted.known_at,
        counted.is_latest_moment,
        counted.is_anchor,
        counted.anchor_customer_key,
        cast(anchors.generation as bigint) as generation,
        anchors.customer_id
    from counted
    inner join anchors on counted.cluster_node = anchors.cluster_node
)

select * from final
