{# Tables that repeat an object whenever it changes: one row per state of it. #}


{#
    The valid rows of the base model `base_name` that say how each object stands: the state that the system changed
    last, however late or in which order the states arrived.
#}
{% macro latest_states(base_name, key, changed_at='last_changed_at') -%}
    {%- set others = base_tie_breakers(base_name, key) | reject('equalto', changed_at) | list -%}
    (
        select *
        from (
            select
                *,
                row_number() over (
                    partition by {{ key | join(', ') }}
                    order by
                        {{ changed_at }} desc,
                        loaded_at desc
                        {%- for name in others %}, {{ name }} desc nulls last{% endfor %}
                ) as state_rank
            from {{ ref(base_name) }}
            where quarantine_reason is null
        ) as ranked
        where state_rank = 1
    )
{%- endmacro %}


{#
    Rules for `quarantine_reason()` on when a row happened. first_year, last_year: the years that the system has data
    of. known_at: when the row reached the system, if it says; clocks that are a little ahead are forgiven.
#}
{% macro time_rules(first_year, last_year, occurred_at='occurred_at', known_at=none) -%}
    {%- set rules = [
        [occurred_at ~ ' is null', 'time is missing or cannot be read'],
        [occurred_at ~ " < cast('" ~ first_year ~ "-01-01' as timestamp)", 'dated before ' ~ first_year],
        [occurred_at ~ " >= cast('" ~ (last_year + 1) ~ "-01-01' as timestamp)", 'dated after ' ~ last_year],
    ] -%}
    {%- if known_at -%}
        {%- do rules.append(
            [known_at ~ ' < ' ~ dbt.dateadd('day', -1, occurred_at), 'received more than a day before it happened']
        ) -%}
    {%- endif -%}
    {{ return(rules) }}
{%- endmacro %}
