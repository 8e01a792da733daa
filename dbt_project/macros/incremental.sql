{#
    Limits an incremental model to what its sources loaded since the model last saw them, each source by its own
    clock: a source that is switched on later is not cut off by the newest row of another. The clocks are read when
    the model is compiled, so that the engine sees constants and skips what it need not read.
#}
{% macro loaded_since_last_build(relation_alias) %}
    {%- set seen = {} -%}
    {%- if is_incremental() and execute -%}
        {%- set clocks = run_query(
            'select source_system, max(loaded_at) as loaded_at from ' ~ this ~ ' group by source_system'
        ) -%}
        {%- for clock in clocks.rows %}{% do seen.update({clock[0]: clock[1] | string}) %}{% endfor -%}
    {%- endif -%}
    {%- set sources = enabled_sources() -%}
    {%- if not seen -%}
        1 = 1
    {%- else -%}
        {# What holds for all of them comes first: it is what lets the engine skip whole parts of a table. #}
        {%- if sources | reject('in', seen) | list | length == 0 -%}
            {{ relation_alias }}.loaded_at > timestamp '{{ seen.values() | min }}' and
        {%- endif %}
        (
            {%- for source in sources %}
            {{ 'or ' if not loop.first }}{{ relation_alias }}.source_system = '{{ source }}'
            {%- if source in seen %} and {{ relation_alias }}.loaded_at > timestamp '{{ seen[source] }}'{% endif -%}
            {%- endfor %}
        )
    {%- endif -%}
{% endmacro %}


{# Where a row of `old_rows` makes place for one of `new_rows`. #}
{% macro is_replaced() -%}
    old_rows.{{ config.require('unique_key') }} = new_rows.{{ config.require('unique_key') }}
    {%- for predicate in config.get('incremental_predicates', []) or [] %}
        and {{ predicate }}
    {%- endfor %}
{%- endmacro %}
