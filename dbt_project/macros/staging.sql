{# Building blocks of a source's staging folder: keys, cleaning, quarantine reasons, versions of one row. #}


{# The warehouse's key of a source's object: `<source>:<key>`, null where a part of the key is. #}
{% macro source_key(column_names) -%}
    {%- set names = [column_names] if column_names is string else column_names -%}
    '{{ this_source() }}'
    {%- for name in names %} || ':' || cast({{ name }} as {{ dbt.type_string() }}){% endfor %}
{%- endmacro %}


{# Text trimmed; empty text and the words that exports write for "no value" become null. #}
{% macro clean_text(column_name) -%}
    case
        when lower(trim({{ column_name }})) in ('', 'nan', 'null', 'none', 'n/a') then null
        else trim({{ column_name }})
    end
{%- endmacro %}


{# The first reason why a row breaks the source contract, or null. rules: list of [condition, reason]. #}
{% macro quarantine_reason(rules) -%}
    case
        {%- for rule in rules %}
        when {{ rule[0] }} then '{{ rule[1] }}'
        {%- endfor %}
    end
{%- endmacro %}


{#
    How versions of one row rank: loaded last first, or first first where `is_first`; tie breakers make the choice
    independent of row order and engine.
#}
{% macro version_rank(key, tie_breakers=[], is_first=false) -%}
    row_number() over (
        partition by {{ key | join(', ') }}
        order by loaded_at {{ 'asc' if is_first else 'desc' }}{% for name in tie_breakers %}, {{ name }} desc nulls last{% endfor %}
    )
{%- endmacro %}


{# What tells versions of a base model's row apart that were loaded at once: `first`, then every other column. #}
{% macro base_tie_breakers(base_name, key, first=[]) %}
    {%- set others = graph.nodes['model.' ~ project_name ~ '.' ~ base_name].columns if execute else [] -%}
    {{ return(first + others | reject('in', key + first + ['loaded_at', 'quarantine_reason']) | list) }}
{% endmacro %}


{# The valid rows of the base model `base_name`, each key once, in its latest version. #}
{% macro latest_versions(base_name, key, tie_breakers=[]) -%}
    (
        select *
        from (
            select
                *,
                {{ version_rank(key, base_tie_breakers(base_name, key, tie_breakers)) }} as version_rank
            from {{ ref(base_name) }}
            where quarantine_reason is null
        ) as ranked
        where version_rank = 1
    )
{%- endmacro %}


{#
    Rows of the base model `base_name` that are kept out of the warehouse, in the shape of the entity
    `quarantined_rows`: those that break a rule, and those that repeat a key. Only repeated keys are ranked: usually there are none,
    and the check costs one aggregation. within: condition that limits where repeats are looked for.
#}
{% macro quarantined_rows(
    base_name, source_table, key, tie_breakers=[], repeat_reason='duplicate key', within='1 = 1'
) %}
    {%- set base = ref(base_name) -%}
    {%- set columns = graph.nodes['model.' ~ project_name ~ '.' ~ base_name].columns if execute else [] %}
    select
        '{{ this_source() }}' as source_system,
        '{{ source_table }}' as source_table,
        quarantine_reason as reason,
        {{ row_as_json('broken', columns) }} as row_content,
        broken.batch_id,
        broken.loaded_at
    from {{ base }} as broken
    where quarantine_reason is not null

    union all

    select
        '{{ this_source() }}' as source_system,
        '{{ source_table }}' as source_table,
        '{{ repeat_reason }}' as reason,
        {{ row_as_json('repeated', columns) }} as row_content,
        repeated.batch_id,
        repeated.loaded_at
    from (
        select
            candidates.*,
            {{ version_rank(key, base_tie_breakers(base_name, key, tie_breakers)) }} as version_rank
        from {{ base }} as candidates
        where
            quarantine_reason is null
            and ({{ key | join(', ') }}) in (
                select {{ key | join(', ') }}
                from {{ base }}
                where quarantine_reason is null and {{ within }}
                group by {{ key | join(', ') }}
                having count(*) > 1
            )
    ) as repeated
    where version_rank > 1
{% endmacro %}


{# How many rows of a raw table have landed, in the shape of the entity `row_counts`. #}
{% macro landed_row_count(source_table) %}
    select
        '{{ this_source() }}' as source_system,
        '{{ source_table }}' as source_table,
        count(*) as landed_row_count
    from {{ source('raw_' ~ this_source(), source_table) }}
{% endmacro %}
