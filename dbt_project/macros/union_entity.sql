{#
    One conformed shape from every enabled source that provides the entity.

    The shape is the contract of the calling model: its YAML columns, in order, are cast here; a column that a
    source does not list is null for it. An entity that nobody provides is an empty typed relation.
#}
{% macro union_entity(entity) %}
    {% set providers = sources_of(entity) %}
    {% set relations = {} %}
    {% for name in providers %}
        {% do relations.update({name: ref('stg_' ~ name ~ '__' ~ entity)}) %}
    {% endfor %}
    {% if not execute %}{{ return('select 1 as parsed') }}{% endif %}

    {%- for name in providers %}
    {% set provided = graph.nodes['model.' ~ project_name ~ '.stg_' ~ name ~ '__' ~ entity].columns %}
    select
        {%- for column in model.columns.values() %}
        cast({{ column.name if column.name in provided else 'null' }} as {{ column.data_type }}) as {{ column.name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ relations[name] }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    select
        {%- for column in model.columns.values() %}
        cast(null as {{ column.data_type }}) as {{ column.name }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    where 1 = 0
    {%- endfor %}
{% endmacro %}
