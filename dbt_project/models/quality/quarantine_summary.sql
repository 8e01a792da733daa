{# Per source table: how many rows landed, and how many of them are kept out. Nothing vanishes. #}
with row_counts as (
    select * from {{ ref('int_row_counts__unioned') }}
),

quarantined as (
    select
        source_system,
        source_table,
        count(*) as quarantined_row_count,
        sum(case when coalesce(is_outside_extract, false) then 0 else 1 end) as broken_row_count
    from {{ ref('quarantine') }}
    group by
        source_system,
        source_table
),

final as (
    select
        row_counts.source_system,
        row_counts.source_table,
        row_counts.landed_row_count,
        row_counts.landed_row_count - coalesce(quarantined.quarantined_row_count, 0) as accepted_row_count,
        coalesce(quarantined.quarantined_row_count, 0) as quarantined_row_count,
        coalesce({{ share_of('quarantined.quarantined_row_count', 'row_counts.landed_row_count') }}, 0)
            as quarantined_share,
        coalesce({{ share_of('quarantined.broken_row_count', 'row_counts.landed_row_count') }}, 0)
            as broken_share
    from row_counts
    left join quarantined
        on
            row_counts.source_system = quarantined.source_system
            and row_counts.source_table = quarantined.source_table
)

select * from final
