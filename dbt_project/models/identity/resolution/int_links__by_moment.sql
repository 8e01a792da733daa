{# The links that count at a moment; a value that only one record has at that moment is of no use and left out. #}
with records as (
    select * from {{ ref('int_records__by_moment') }}
    where is_linked
),

links as (
    select * from {{ ref('int_links__dated') }}
),

counting as (
    select
        records.record_node,
        cast(records.moment_number as {{ dbt.type_string() }}) || '|' || links.value_key as value_node,
        records.customer_key,
        links.value_key,
        links.identifier_type,
        links.priority,
        links.is_checked_by_person,
        records.is_latest_moment,
        count(*) over (partition by records.moment_number, links.value_key) as record_count
    from links
    inner join records
        on
            links.customer_key = records.customer_key
            and links.linked_from <= records.known_at
            and (links.linked_to is null or links.linked_to > records.known_at)
),

final as (
    select * from counting
    where record_count > 1
)

select * from final
