{# Identifiers that identify nobody and reach nobody: what people type into a field that must be filled. #}
with identifiers as (
    select distinct
        identifier_type,
        identifier_value
    from {{ ref('int_identifiers__derived') }}
),

blocked_patterns as (
    select * from {{ ref('identity_blocked_values') }}
),

final as (
    select
        identifiers.identifier_type,
        identifiers.identifier_value,
        min(blocked_patterns.reason) as reason
    from identifiers
    inner join blocked_patterns
        on
            blocked_patterns.identifier_type in ('*', identifiers.identifier_type)
            and {{ matches_pattern_of('identifiers.identifier_value', 'blocked_patterns.value_pattern') }}
    group by
        identifiers.identifier_type,
        identifiers.identifier_value
)

select * from final
