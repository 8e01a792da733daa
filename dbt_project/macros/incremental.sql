{#
    Limits an incremental model to what its sources loaded since the model last saw them, each source by its own
    clock: a source that is switched on later is not cut off by the newest row of another. The clocks are read when
    the model is compiled, so that the engine sees constants and skips what it need not read.
#}
{% macro loaded_since_last_build(relation_alias) %}
    {%- if is_incremental() and execute -%}
        {%- set seen = run_query(
            'select source_system, max(loaded_at) as loaded_at from ' ~ this ~ ' group by source_system'
        ) -%}
        (
            {%- for row in seen.rows %}
            (
                {{ relation_alias }}.source_system = '{{ row[0] }}'
                and {{ relation_alias }}.loaded_at > timestamp '{{ row[1] }}'
            )
            or
            {%- endfor %}
            {{ relation_alias }}.source_system not in (
                {%- for row in seen.rows %}'{{ row[0] }}', {% endfor %}'')
        )
    {%- else -%}
        1 = 1
    {%- endif -%}
{% endmacro %}
