{# Which customer a record has belonged to, and when: one interval after the other, without gaps. #}
with anchored as (
    select
        *,
        lag(customer_id) over (partition by customer_key order by moment_number) as previous_customer_id
    from {{ ref('int_records__anchored') }}
),

changes as (
    select * from anchored
    where previous_customer_id is null or previous_customer_id <> customer_id
),

final as (
    select
        customer_key,
        source_system,
        customer_id,
        previous_customer_id,
        known_at as valid_from,
        lead(known_at) over (partition by customer_key order by moment_number) as valid_to,
        lead(known_at) over (partition by customer_key order by moment_number) is null as is_current
    from changes
)

select * from final
