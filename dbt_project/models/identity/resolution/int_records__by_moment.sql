{# Every record at every moment of its group from the one on at which it was known. #}
with records as (
    select
        customer_key,
        source_system,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as first_known_at
    from {{ ref('dim_customer_records') }}
),

groups as (
    select * from {{ ref('int_links__connected') }}
),

moments as (
    select * from {{ ref('int_moments__listed') }}
),

grouped as (
    select
        records.*,
        coalesce(groups.component, records.customer_key) as group_key,
        groups.component is not null as is_linked
    from records
    left join groups on records.customer_key = groups.node
),

final as (
    select
        cast(moments.moment_number as {{ dbt.type_string() }}) || '|' || grouped.customer_key as record_node,
        grouped.customer_key,
        grouped.source_system,
        grouped.first_known_at,
        grouped.is_linked,
        grouped.group_key,
        moments.moment_number,
        moments.known_at,
        moments.is_latest_moment
    from grouped
    inner join moments
        on
            grouped.group_key = moments.group_key
            and grouped.first_known_at <= moments.known_at
)

select * from final
