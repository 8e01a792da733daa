{#
    What happened to customers: created, merged into an older one, split off, or given a record of another. `changed_at`
    is when the warehouse came to know it; `effective_at` when what caused it was first seen in the world.
#}
with anchored as (
    select
        *,
        lag(customer_id) over (partition by customer_key order by moment_number) as previous_customer_id
    from {{ ref('int_records__anchored') }}
),

leaders as (
    select
        group_key,
        moment_number,
        customer_id
    from anchored
    where is_anchor
),

first_moments as (
    select
        customer_id,
        min(moment_number) as first_moment_number
    from leaders
    group by customer_id
),

created as (
    select
        'created' as change_type,
        anchored.customer_id,
        cast(null as {{ dbt.type_string() }}) as other_customer_id,
        anchored.customer_id || '|created' as change_key,
        cast(1 as bigint) as record_count,
        anchored.known_at as changed_at,
        anchored.customer_key as changed_customer_key
    from anchored
    inner join first_moments
        on
            anchored.customer_id = first_moments.customer_id
            and anchored.moment_number = first_moments.first_moment_number
    where
        anchored.is_anchor
        and anchored.previous_customer_id is null
),

moved as (
    select
        customer_id,
        previous_customer_id,
        group_key,
        moment_number,
        known_at as changed_at,
        count(*) as record_count,
        min(customer_key) as changed_customer_key
    from anchored
    where previous_customer_id <> customer_id
    group by
        customer_id,
        previous_customer_id,
        group_key,
        moment_number,
        known_at
),

changed as (
    select
        case
            when first_moments.first_moment_number = moved.moment_number then 'split'
            when leaders.customer_id is null then 'merged'
            else 'moved'
        end as change_type,
        moved.customer_id,
        moved.previous_customer_id as other_customer_id,
        moved.customer_id || '|' || moved.previous_customer_id || '|'
        -- The moment itself: how many a group had before can still change.
        || cast(moved.changed_at as {{ dbt.type_string() }}) as change_key,
        cast(moved.record_count as bigint) as record_count,
        moved.changed_at,
        moved.changed_customer_key
    from moved
    inner join first_moments on moved.customer_id = first_moments.customer_id
    left join leaders
        on
            moved.group_key = leaders.group_key
            and moved.moment_number = leaders.moment_number
            and moved.previous_customer_id = leaders.customer_id
),

all_changes as (
    select * from created
    union all
    select * from changed
),

causes as (
    {{ causes_of_changes('all_changes') }}
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
