{{ config(
    pre_hook="{{ span_customers(this.schema ~ '.spanning') }}",
    post_hook="{{ drop_spanning(this.schema ~ '.spanning') }}",
) }}

-- depends_on: {{ ref('int_records__anchored') }}

{#
    How each customer was built: the anchor, then record after record, each with the link by which it joined one that
    was there already.
#}
with customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

links as (
    select * from {{ ref('int_customer_links__listed') }}
),

tree as (
    select * from {{ scratch_table(this.schema ~ '.spanning', 'tree') }}
),

records as (
    select
        customer_key,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as known_at
    from {{ ref('dim_customer_records') }}
),

stepped as (
    select
        customer_keys.customer_id,
        customer_keys.customer_key,
        customer_keys.source_system,
        tree.joined_to_customer_key,
        tree.link_rank,
        records.known_at,
        coalesce(tree.joined_at, records.known_at) as joined_at,
        row_number() over (
            partition by customer_keys.customer_id
            order by
                case when tree.customer_key is null then 0 else 1 end,
                tree.joined_at,
                tree.tour_rank
        ) as step_number
    from customer_keys
    inner join records on customer_keys.customer_key = records.customer_key
    left join tree on customer_keys.customer_key = tree.customer_key
),

{# All that ties a record to records before it; a value counts once, however many of them have it. #}
ties as (
    select
        links.*,
        stepped.step_number,
        min(stepped.step_number) over (partition by links.customer_id, links.value_key) as first_step_number
    from links
    inner join stepped on links.customer_key = stepped.customer_key
),

strengths as (
    select
        customer_key,
        count(*) as tie_count,
        -- Of independent ties, the probability that not all of them mislead; none is taken to be beyond doubt.
        round(1 - exp(sum(ln(1 - least(link_probability, 0.99999)))), 9) as join_probability
    from ties
    where step_number > first_step_number
    group by customer_key
),

final as (
    select
        stepped.customer_id,
        cast(stepped.step_number as bigint) as step_number,
        stepped.customer_key,
        stepped.source_system,
        stepped.joined_to_customer_key,
        links.identifier_type,
        links.rule_name,
        links.priority,
        links.evidence,
        links.link_probability,
        cast(coalesce(strengths.tie_count, 0) as bigint) as tie_count,
        coalesce(strengths.join_probability, 1.0) as join_probability,
        stepped.known_at,
        stepped.joined_at
    from stepped
    left join links
        on
            stepped.customer_id = links.customer_id
            and stepped.link_rank = links.link_rank
    left join strengths on stepped.customer_key = strengths.customer_key
)

select * from final
