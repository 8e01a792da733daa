{#
    Whether an identifier may link at all, by type and value: a rule must exist for its type, its value must not be
    on the block list, and another record must have it too.
#}
with identifiers as (
    select * from {{ ref('int_identifiers__derived') }}
),

linking_types as (
    select distinct identifier_type
    from {{ ref('identity_rules') }}
),

blocked_patterns as (
    select * from {{ ref('identity_blocked_values') }}
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

{# What one record has is of use to nobody, unless a second value of its kind would tell two customers apart. #}
values_of_use as (
    select distinct
        identifier_type,
        identifier_value
    from counted
    where
        record_count > 1
        or identifier_type in (select identifier_type from {{ ref('identity_rules') }} where is_exclusive)
),

blocked_values as (
    select
        values_of_use.identifier_type,
        values_of_use.identifier_value,
        min(blocked_patterns.reason) as block_reason
    from values_of_use
    inner join blocked_patterns
        on
            blocked_patterns.identifier_type in ('*', values_of_use.identifier_type)
            and {{ matches_pattern_of('values_of_use.identifier_value', 'blocked_patterns.value_pattern') }}
    group by
        values_of_use.identifier_type,
        values_of_use.identifier_value
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
            when blocked_values.block_reason is not null then 'blocked: ' || blocked_values.block_reason
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
