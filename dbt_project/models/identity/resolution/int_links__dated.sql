{# Every link between a record and what it shares with others, with the time during which it counts. #}
with links as (
    select * from {{ ref('int_identifier_links__dated') }}
    union all
    select * from {{ ref('int_pair_links__dated') }}
),

final as (
    select * from links
    where linked_to is null or linked_from < linked_to
)

select * from final
