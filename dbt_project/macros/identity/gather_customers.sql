{#
    In which order the records of each customer came together, told from the anchor on: whatever can be reached first by
    the time from which links count; of what is reached at the same time, what is nearest.

    Runs before the model `fct_customer_build_steps`, which reads the table that it leaves: `joined` (customer_key,
    joined_at, round_number, priority of the strongest link by which it came; one row per record that is not an anchor).
    All customers take their next step in the same round: there are as many rounds as the longest way from a record to
    its anchor has links.
#}
{% macro gather_customers(prefix) %}
    {%- if execute -%}
        {% do start_scratch(prefix) %}
        {%- set work = namespace(is_done=false, round=scratch_table(prefix, 'round_0')) -%}
        {% do create_scratch_table(work.round, what_anchors_reach()) %}
        {%- for number in range(1, 100000) if not work.is_done -%}
            {%- if run_query('select 1 from ' ~ work.round ~ ' where reached_at is not null limit 1').rows | length -%}
                {%- set next_round = scratch_table(prefix, 'round_' ~ number) -%}
                {% do create_scratch_table(next_round, gathering_round(work.round, number)) %}
                {% do drop_scratch_tables([work.round]) %}
                {%- set work.round = next_round -%}
            {%- else -%}
                {%- set work.is_done = true -%}
            {%- endif -%}
        {%- endfor -%}
        {% do create_scratch_table(
            scratch_table(prefix, 'joined'),
            'select customer_key, joined_at, round_number, priority from ' ~ work.round ~ ' where joined_at is not null'
        ) %}
        {% do drop_scratch_tables([work.round]) %}
    {%- endif -%}
{% endmacro %}


{% macro drop_gathering(prefix) %}
    {%- if execute -%}{% do end_scratch(prefix, [scratch_table(prefix, 'joined')]) %}{%- endif -%}
{% endmacro %}


{#
    A round's table has rows of two kinds. Where joined_at is not null, a record has joined in the round round_number.
    All others are links of records that have not: reached_at says since when one that has joined has the value.
#}
{% macro what_anchors_reach() %}
    with links as (
        select * from {{ ref('int_customer_links__listed') }}
    ),

    anchors as (
        select customer_key from {{ ref('int_records__anchored') }}
        where is_latest_moment and is_anchor
    ),

    reached as (
        select
            links.customer_id,
            links.value_key,
            links.linked_from as reached_at
        from links
        inner join anchors on links.customer_key = anchors.customer_key
    )

    select
        links.customer_id,
        links.customer_key,
        links.value_key,
        links.priority,
        links.linked_from,
        reached.reached_at,
        cast(null as timestamp) as joined_at,
        0 as round_number
    from links
    left join anchors on links.customer_key = anchors.customer_key
    left join reached
        on
            links.customer_id = reached.customer_id
            and links.value_key = reached.value_key
    where anchors.customer_key is null
{% endmacro %}


{# Of each customer, the records that can join next do, all those at once that can at the same time. #}
{% macro gathering_round(previous_round, number) %}
    with candidates as (
        select
            *,
            min(greatest(linked_from, reached_at)) over (partition by customer_id) as next_at
        from {{ previous_round }}
        where reached_at is not null
    ),

    joining as (
        select customer_id, customer_key, next_at as joined_at, min(priority) as priority
        from candidates
        where greatest(linked_from, reached_at) = next_at
        group by customer_id, customer_key, next_at
    ),

    reached as (
        select links.customer_id, links.value_key, min(greatest(links.linked_from, joining.joined_at)) as reached_at
        from {{ previous_round }} as links
        inner join joining on links.customer_key = joining.customer_key
        group by links.customer_id, links.value_key
    )

    select
        links.customer_id, links.customer_key, links.value_key, links.priority, links.linked_from,
        case when links.reached_at <= reached.reached_at then links.reached_at
            else coalesce(reached.reached_at, links.reached_at) end as reached_at,
        links.joined_at,
        links.round_number
    from {{ previous_round }} as links
    left join joining on links.customer_key = joining.customer_key
    left join reached on links.customer_id = reached.customer_id and links.value_key = reached.value_key
    where joining.customer_key is null
    union all
    select customer_id, customer_key, null, priority, null, null, joined_at, {{ number }} from joining
{% endmacro %}
