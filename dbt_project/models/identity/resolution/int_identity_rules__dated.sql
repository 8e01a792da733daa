{{ config(materialized='view') }}

{# The rules with the time during which each is in force. For what is said about now, the latest of each type counts. #}
with rules as (
    select
        identifier_type,
        rule_name,
        priority,
        max_records,
        is_exclusive,
        is_checked_by_person,
        cast(link_probability as double) as link_probability,
        coalesce(cast(nullif(valid_from, '') as timestamp), timestamp '1900-01-01 00:00:00') as valid_from,
        cast(nullif(valid_to, '') as timestamp) as valid_to
    from {{ ref('identity_rules') }}
),

final as (
    select
        *,
        row_number() over (partition by identifier_type order by valid_from desc) = 1 as is_latest_rule
    from rules
)

select * from final
