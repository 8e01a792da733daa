{#
    What happened to customers: created, merged into an older one, split off, or given a record of another. `changed_at`
    is when the warehouse came to know it; `effective_at` when what caused it was first seen in the world.
#}
with all_changes as (
    select * from {{ ref('int_customer_changes__found') }}
),

causes as (
    select * from {{ ref('int_change_causes__ranked') }}
),

records as (
    select * from {{ ref('dim_customer_records') }}
),

final as (
    select
        {{ dbt.hash('all_changes.change_key') }} as change_id,
        all_changes.change_type,
        all_changes.customer_id,
        all_changes.other_customer_id,
        all_changes.record_count,
        coalesce(
            causes.cause,
            case all_changes.change_type
                when 'created' then 'first record: ' || all_changes.changed_customer_key
                else 'what its records say contradicts itself'
            end
        ) as cause,
        coalesce(
            causes.effective_at,
            case when all_changes.change_type = 'created' then records.first_known_at end,
            all_changes.changed_at
        ) as effective_at,
        all_changes.changed_at
    from all_changes
    left join causes on all_changes.change_key = causes.change_key
    left join records on all_changes.changed_customer_key = records.customer_key
)

select * from final
