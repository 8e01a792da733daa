{# The enabled source systems, in the order in which they were given. #}
{% macro enabled_sources() %}
    {% set names = [] %}
    {% for name in var('sources').split(',') if name | trim %}
        {% do names.append(name | trim) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}


{# The source system in whose staging folder the current model stands. #}
{% macro this_source() %}
    {{ return(model.fqn[2]) }}
{% endmacro %}


{# Whether the source system in whose folder the current model stands is enabled. #}
{% macro is_enabled_source() %}
    {{ return(this_source() in enabled_sources()) }}
{% endmacro %}


{# Names of the entities that a source provides; its folder says so in `<source>__entities()`. #}
{% macro provided_entities(source_name) %}
    {% set macro_name = source_name ~ '__entities' %}
    {% if macro_name not in context %}
        {{ exceptions.raise_compiler_error(
            "Source '" ~ source_name ~ "' is enabled, but models/staging/" ~ source_name
            ~ "/ defines no macro " ~ macro_name ~ "(). See docs/add-a-source.md."
        ) }}
    {% endif %}
    {{ return(context[macro_name]()) }}
{% endmacro %}


{# Enabled sources that provide an entity. #}
{% macro sources_of(entity) %}
    {% set names = [] %}
    {% for name in enabled_sources() if entity in provided_entities(name) %}
        {% do names.append(name) %}
    {% endfor %}
    {{ return(names) }}
{% endmacro %}
