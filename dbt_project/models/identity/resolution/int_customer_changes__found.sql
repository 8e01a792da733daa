{# What happened to customers, and when the warehouse came to know it; why is the next question. #}
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

final as (
    select * from created
    union all
    select * from changed
)

select * from final
