{#
    Whose device a visitor's was at the time: from the first sight of a customer there until somebody else was seen, too.
    `bdg_visitor_customers` says whose it is today, which nobody knew then.
#}
with seen as (
    select
        identifiers.identifier_value as visitor_key,
        customer_keys.customer_id,
        min(identifiers.first_seen_at) as first_seen_at
    from {{ ref('bdg_customer_identifiers') }} as identifiers
    inner join {{ ref('bdg_customer_keys') }} as customer_keys
        on identifiers.customer_key = customer_keys.customer_key
    where identifiers.identifier_type = 'visitor'
    group by
        identifiers.identifier_value,
        customer_keys.customer_id
),

ranked as (
    select
        *,
        row_number() over (partition by visitor_key order by first_seen_at, customer_id) as seen_rank,
        lead(first_seen_at) over (partition by visitor_key order by first_seen_at, customer_id) as shared_since
    from seen
),

final as (
    select
        visitor_key,
        customer_id,
        first_seen_at as known_from,
        shared_since as known_until
    from ranked
    where seen_rank = 1
)

select * from final
