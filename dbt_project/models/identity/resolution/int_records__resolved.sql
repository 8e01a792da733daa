{{ config(
    pre_hook="{{ resolve_contradictions(this.schema ~ '.resolution') }}",
    post_hook="{{ drop_resolution(this.schema ~ '.resolution') }}",
) }}

-- depends_on: {{ ref('int_links__by_moment') }}
-- depends_on: {{ ref('int_facts__by_moment') }}
-- depends_on: {{ ref('int_contradictions__found') }}
-- depends_on: {{ ref('given_name_variants') }}

{# Which records are one customer at a moment. #}
with records as (
    select * from {{ ref('int_records__by_moment') }}
),

connected as (
    select * from {{ ref('int_records__connected') }}
),

labels as (
    select * from {{ scratch_table(this.schema ~ '.resolution', 'labels') }}
),

final as (
    select
        records.record_node,
        records.customer_key,
        records.group_key,
        records.moment_number,
        records.known_at,
        records.is_latest_moment,
        records.source_system,
        records.first_known_at,
        coalesce(
            'taken apart|' || labels.label, 'together|' || connected.component, records.record_node
        ) as cluster_node
    from records
    left join connected on records.record_node = connected.node
    left join labels on records.record_node = labels.record_node
)

select * from final
