{#
    The one place where a source's own customer key becomes a customer: see docs/identity.md for how. Facts carry the
    source's key and never this id, so that a merge of customers rewrites no fact.
#}
with anchored as (
    select * from {{ ref('int_records__anchored') }}
    where is_latest_moment
),

source_systems as (
    select
        source_system,
        row_number() over (
            order by
                is_simulated,
                case source_system
                    {% for name in enabled_sources() %}
                        when '{{ name }}' then {{ loop.index }}
                    {% endfor %}
                end
        ) as source_rank
    from {{ ref('dim_source_systems') }}
),

homes as (
    select
        anchored.customer_id,
        source_systems.source_system,
        row_number() over (partition by anchored.customer_id order by source_systems.source_rank) as home_rank
    from anchored
    inner join source_systems on anchored.source_system = source_systems.source_system
),

final as (
    select
        anchored.customer_key,
        anchored.source_system,
        anchored.customer_id,
        {{ customer_id_of('anchored.customer_key') }} as own_customer_id,
        homes.source_system as home_source_system
    from anchored
    inner join homes
        on
            anchored.customer_id = homes.customer_id
            and homes.home_rank = 1
)

select * from final
