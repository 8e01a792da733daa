{#
    Whose device a visitor's is: what somebody did before they logged in becomes theirs. Where two customers were known on
    one device, nobody can say who it was, and the visitor stays a visitor.
#}
with identifiers as (
    select * from {{ ref('bdg_customer_identifiers') }}
    where identifier_type = 'visitor'
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

known as (
    select
        identifiers.identifier_value as visitor_key,
        count(distinct customer_keys.customer_id) as customer_count,
        count(*) as record_count,
        min(customer_keys.customer_id) as customer_id,
        min(identifiers.first_seen_at) as linked_since
    from identifiers
    inner join customer_keys on identifiers.customer_key = customer_keys.customer_key
    group by identifiers.identifier_value
),

final as (
    select
        visitor_key,
        case when customer_count = 1 then customer_id end as customer_id,
        linked_since,
        customer_count > 1 as is_shared,
        case
            when customer_count > 1
                then cast(customer_count as {{ dbt.type_string() }}) || ' customers were known here'
            when record_count > 1
                then cast(record_count as {{ dbt.type_string() }}) || ' records of one customer were known here'
            else 'one record was known here'
        end as reason
    from known
)

select * from final
