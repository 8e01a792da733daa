{#
    Whether a part of a text matches a regular expression that both engines read alike. DuckDB: regexp_matches();
    Spark: rlike, where a text literal takes every backslash twice.
#}
{% macro matches_pattern(column_name, pattern) -%}
    {{ return(adapter.dispatch('matches_pattern')(column_name, pattern)) }}
{%- endmacro %}

{% macro default__matches_pattern(column_name, pattern) -%}
    regexp_matches({{ column_name }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__matches_pattern(column_name, pattern) -%}
    ({{ column_name }} rlike '{{ pattern | replace("\\", "\\\\") }}')
{%- endmacro %}
