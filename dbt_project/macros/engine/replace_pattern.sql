{#
    A text with every match of a regular expression replaced by a plain text. DuckDB replaces only the first match
    unless told `g`; in a Spark text literal every backslash stands twice.
#}
{% macro replace_pattern(column_name, pattern, replacement='') -%}
    {{ return(adapter.dispatch('replace_pattern')(column_name, pattern, replacement)) }}
{%- endmacro %}

{% macro default__replace_pattern(column_name, pattern, replacement) -%}
    regexp_replace({{ column_name }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__replace_pattern(column_name, pattern, replacement) -%}
    regexp_replace({{ column_name }}, '{{ pattern | replace("\\", "\\\\") }}', '{{ replacement }}')
{%- endmacro %}
