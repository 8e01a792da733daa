{#
    Whether an identifier may link at all, by type and value: a rule must exist for its type, its value must not be
    on the block list, and another record must have it too.
#}
with identifiers as (
    select * from {{ ref('int_identifiers__derived') }}
),

linking_types as (
    select
        identifier_type,
        max(case when is_exclusive then 1 else 0 end) = 1 as is_exclusive
    from {{ ref('identity_rules') }}
    group by identifier_type
),

blocked_values as (
    select * from {{ ref('int_blocked_values__listed') }}
),

{# The index of records by value: how many had it when it arrived in each of them. #}
counted as (
    select
        *,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as known_at,
        count(*) over (
            partition by identifier_type, identifier_value
            order by {{ dbt.date_trunc('second', 'first_loaded_at') }}
        ) as record_number,
        count(*) over (partition by identifier_type, identifier_value) as record_count
    from identifiers
),

final as (
    select
        counted.customer_identifier_id,
        counted.source_system,
        counted.customer_key,
        counted.identifier_type,
        counted.identifier_value,
        counted.identifier_type || ':' || counted.identifier_value as value_key,
        counted.source_value,
        counted.first_seen_at,
        counted.known_at,
        cast(counted.record_number as bigint) as record_number,
        cast(counted.record_count as bigint) as record_count,
        case
            when linking_types.identifier_type is null then 'no rule links by this kind of identifier'
            -- What one record has links nobody, blocked or not. But of an exclusive kind it could keep customers apart.
            when blocked_values.reason is not null and (counted.record_count > 1 or linking_types.is_exclusive)
                then 'blocked: ' || blocked_values.reason
            when counted.record_count = 1 then 'no other record has it'
        end as no_link_reason
    from counted
    left join linking_types on counted.identifier_type = linking_types.identifier_type
    left join blocked_values
        on
            counted.identifier_type = blocked_values.identifier_type
            and counted.identifier_value = blocked_values.identifier_value
)

select * from final
