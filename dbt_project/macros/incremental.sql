{#
    Limits an incremental model to what its sources loaded since the model last saw them, each source by its own
    clock: a source that is switched on later is not cut off by the newest row of another.
#}
{% macro loaded_since_last_build(relation_alias) %}
    {% if is_incremental() %}
        {{ relation_alias }}.loaded_at > coalesce(
            (
                select max(seen.loaded_at)
                from {{ this }} as seen
                where seen.source_system = {{ relation_alias }}.source_system
            ),
            timestamp '1900-01-01 00:00:00'
        )
    {% else %}
        1 = 1
    {% endif %}
{% endmacro %}
