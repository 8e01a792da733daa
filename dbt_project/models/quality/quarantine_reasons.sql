select
    source_system,
    source_table,
    reason,
    cast(count(*) as bigint) as quarantined_row_count,
    min(row_content) as example_row_content
from {{ ref('quarantine') }}
group by
    source_system,
    source_table,
    reason
