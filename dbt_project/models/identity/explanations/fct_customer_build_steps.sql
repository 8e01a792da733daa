{{ config(
    pre_hook="{{ gather_customers(this.schema ~ '.gathering') }}",
    post_hook="{{ drop_gathering(this.schema ~ '.gathering') }}",
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

joined as (
    select * from {{ scratch_table(this.schema ~ '.gathering', 'joined') }}
),

records as (
    select
        customer_key,
        {{ dbt.date_trunc('second', 'first_loaded_at') }} as known_at
    from {{ ref('dim_customer_records') }}
),

{# Of records that came at once, the one with the strongest link goes first. #}
stepped as (
    select
        customer_keys.customer_id,
        customer_keys.customer_key,
        customer_keys.source_system,
        records.known_at,
        coalesce(joined.joined_at, records.known_at) as joined_at,
        row_number() over (
            partition by customer_keys.customer_id
            order by
                case when joined.customer_key is null then 0 else 1 end,
                joined.joined_at,
                joined.round_number,
                joined.priority,
                customer_keys.customer_key
        ) as step_number
    from customer_keys
    inner join records on customer_keys.customer_key = records.customer_key
    left join joined on customer_keys.customer_key = joined.customer_key
),

{# All that ties a record to those before it; a value counts once, however many of them have it. #}
ties as (
    select
        links.*,
        before.customer_key as joined_to_customer_key,
        row_number() over (
            partition by links.customer_key, links.value_key
            order by greatest(links.linked_from, before_links.linked_from), before.step_number
        ) as holder_rank,
        row_number() over (
            partition by links.customer_key
            order by
                greatest(links.linked_from, before_links.linked_from),
                links.priority,
                links.value_key,
                before.step_number
        ) as tie_rank
    from links
    inner join stepped on links.customer_key = stepped.customer_key
    inner join links as before_links
        on
            links.customer_id = before_links.customer_id
            and links.value_key = before_links.value_key
    inner join stepped as before
        on
            before_links.customer_key = before.customer_key
            and stepped.step_number > before.step_number
),

strengths as (
    select
        customer_key,
        count(*) as tie_count,
        -- Of independent ties, the probability that not all of them mislead; none is taken to be beyond doubt.
        round(1 - exp(sum(ln(1 - least(link_probability, 0.99999)))), 9) as join_probability
    from ties
    where holder_rank = 1
    group by customer_key
),

final as (
    select
        stepped.customer_id,
        cast(stepped.step_number as bigint) as step_number,
        stepped.customer_key,
        stepped.source_system,
        ties.joined_to_customer_key,
        ties.identifier_type,
        ties.rule_name,
        ties.priority,
        ties.evidence,
        ties.link_probability,
        cast(coalesce(strengths.tie_count, 0) as bigint) as tie_count,
        coalesce(strengths.join_probability, 1.0) as join_probability,
        stepped.known_at,
        stepped.joined_at
    from stepped
    left join ties
        on
            stepped.customer_key = ties.customer_key
            and ties.tie_rank = 1
    left join strengths on stepped.customer_key = strengths.customer_key
)

select * from final
