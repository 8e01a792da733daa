{# The queries of one round of `resolve_contradictions`. #}


{#
    Each label and value that the links of a priority bring together, and what is known of the value: whether its
    users contradict each other (`is_contested`), and whether by nothing but their names (`is_told_by_name`). own_name
    is the name of the label, null if it has none.
#}
{% macro judged_values(table, priority, contradictions) %}
    with sharing as (
        select distinct
            labels.label,
            links.value_node
        from {{ table.links }} as links
        inner join {{ table.labels }} as labels on links.record_node = labels.record_node
        where links.priority = {{ priority }}
    ),

    facts as ({{ facts_of_labels(table) }}),

    contests as ({{ contests_of_values(contradictions) }}),

    own_names as ({{ names_of_labels('facts') }})

    select
        sharing.label,
        sharing.value_node,
        own_names.own_name,
        contests.value_node is not null as is_contested,
        coalesce(contests.has_hard_contest, 0) = 0 as is_told_by_name
    from sharing
    left join contests on sharing.value_node = contests.value_node
    left join own_names on sharing.label = own_names.label
{% endmacro %}


{# Values whose users contradict each other, and whether by more than their names. Reads `sharing` and `facts`. #}
{% macro contests_of_values(contradictions) %}
    select
        sharing_a.value_node,
        max(case when facts_a.fact_type <> 'name' then 1 else 0 end) as has_hard_contest
    from sharing as sharing_a
    inner join sharing as sharing_b
        on
            sharing_a.value_node = sharing_b.value_node
            and sharing_a.label < sharing_b.label
    inner join facts as facts_a on sharing_a.label = facts_a.label
    inner join facts as facts_b
        on
            sharing_b.label = facts_b.label
            and facts_a.fact_type = facts_b.fact_type
    inner join {{ contradictions }} as found
        on
            facts_a.component = found.component
            and facts_a.fact_type = found.fact_type
            and least(facts_a.fact_value, facts_b.fact_value) = found.fact_value_a
            and greatest(facts_a.fact_value, facts_b.fact_value) = found.fact_value_b
    group by sharing_a.value_node
{% endmacro %}


{# What the records of each label say about their person. #}
{% macro facts_of_labels(table) %}
    select distinct
        labels.label,
        facts.component,
        facts.fact_type,
        facts.fact_value
    from {{ table.facts }} as facts
    inner join {{ table.labels }} as labels on facts.record_node = labels.record_node
{% endmacro %}


{# The name by which a label is told from others: the first in the order of names, in its full form. #}
{% macro names_of_labels(facts) %}
    select
        facts.label,
        min(coalesce(variants.canonical_name, {{ text_part('facts.fact_value', '|', 1) }})) as own_name
    from {{ facts }} as facts
    left join {{ ref('given_name_variants') }} as variants
        on {{ text_part('facts.fact_value', '|', 1) }} = variants.given_name
    where facts.fact_type = 'name'
    group by facts.label
{% endmacro %}


{# Edges between labels and values; a contested value falls into one part per name. Every label has an edge to itself. #}
{% macro edges_of_values(shared) %}
    select
        label,
        case when is_contested then value_node || '|' || own_name else value_node end as value_part
    from {{ shared }}
    where not is_contested or (is_told_by_name and own_name is not null)
    union all
    select distinct
        label,
        label as value_part
    from {{ shared }}
{% endmacro %}


{# Groups that would join two labels that contradict each other; what one label has in itself is settled. #}
{% macro broken_groups(table, joined, contradictions) %}
    with facts as (
        select distinct
            joined.component as joined_group,
            labels.label,
            facts.component,
            facts.fact_type,
            facts.fact_value
        from {{ table.facts }} as facts
        inner join {{ table.labels }} as labels on facts.record_node = labels.record_node
        inner join {{ joined }} as joined on labels.label = joined.node
    )

    select distinct facts_a.joined_group
    from facts as facts_a
    inner join facts as facts_b
        on
            facts_a.joined_group = facts_b.joined_group
            and facts_a.fact_type = facts_b.fact_type
            and facts_a.label <> facts_b.label
    inner join {{ contradictions }} as found
        on
            facts_a.component = found.component
            and facts_a.fact_type = found.fact_type
            and facts_a.fact_value = found.fact_value_a
            and facts_b.fact_value = found.fact_value_b
{% endmacro %}


{# Whom every record is with after the round. #}
{% macro joined_labels(table, step) %}
    select
        labels.record_node,
        case
            when joined.component is null or broken.joined_group is not null then labels.label
            else smallest.label
        end as label
    from {{ table.labels }} as labels
    left join {{ step.joined }} as joined on labels.label = joined.node
    left join {{ step.broken }} as broken on joined.component = broken.joined_group
    left join (
        select
            joined.component,
            min(labels.label) as label
        from {{ step.joined }} as joined
        inner join {{ table.labels }} as labels on joined.node = labels.label
        group by joined.component
    ) as smallest on joined.component = smallest.component
{% endmacro %}
