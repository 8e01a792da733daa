{# Identifiers that are blocked, or that more records have than their rule allows: they say nothing about a person. #}
with identifiers as (
    select * from {{ ref('bdg_customer_identifiers') }}
    where identifier_type in ('email', 'phone', 'national_id')
),

rules as (
    select
        identifier_type,
        min(max_records) as max_records
    from {{ ref('identity_rules') }}
    group by identifier_type
),

blocked_values as (
    select * from {{ ref('int_blocked_values__listed') }}
),

shared_values as (
    select
        identifier_type,
        identifier_value,
        count(*) as record_count
    from identifiers
    group by
        identifier_type,
        identifier_value
    having count(*) > 1
),

{# Only values that several records have are looked at closely: no other can mislead. #}
final as (
    select
        shared_values.identifier_type,
        shared_values.identifier_value
    from shared_values
    left join rules on shared_values.identifier_type = rules.identifier_type
    left join blocked_values
        on
            shared_values.identifier_type = blocked_values.identifier_type
            and shared_values.identifier_value = blocked_values.identifier_value
    where
        blocked_values.identifier_value is not null
        or shared_values.record_count > rules.max_records
)

select * from final
