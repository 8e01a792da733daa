{#
    The moments at which a group of records that were ever linked can have changed: a record, a link or something that
    can contradict one arrived, a link ended, or a person decided that two records are not one. Each group has its own
    few; between two of them nothing happens in it.
#}
with groups as (
    select * from {{ ref('int_links__connected') }}
),

links as (
    select * from {{ ref('int_links__dated') }}
),

records as (
    select
        customer_key,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as known_at
    from {{ ref('dim_customer_records') }}
),

{# What a record says of its person may come later than the record: a second card, a decision. #}
facts as (
    select
        facts.customer_key,
        facts.known_at
    from {{ ref('int_person_facts__listed') }} as facts
    inner join groups on facts.customer_key = groups.node
),

changes as (
    select
        customer_key,
        known_at
    from records
    union all
    select
        customer_key,
        linked_from as known_at
    from links
    union all
    select
        customer_key,
        linked_to as known_at
    from links
    where linked_to is not null
    union all
    select
        customer_key,
        known_at
    from facts
),

moments as (
    select distinct
        coalesce(groups.component, changes.customer_key) as group_key,
        changes.known_at
    from changes
    left join groups on changes.customer_key = groups.node
),

final as (
    select
        group_key,
        cast(row_number() over (partition by group_key order by known_at) as bigint) as moment_number,
        known_at,
        lead(known_at) over (partition by group_key order by known_at) is null as is_latest_moment
    from moments
)

select * from final
