{#
    Whether a part of a text matches the regular expression that stands in a column. DuckDB: regexp_matches(); Spark:
    rlike.
#}
{% macro matches_pattern_of(column_name, pattern_column) -%}
    {{ return(adapter.dispatch('matches_pattern_of')(column_name, pattern_column)) }}
{%- endmacro %}

{% macro default__matches_pattern_of(column_name, pattern_column) -%}
    regexp_matches({{ column_name }}, {{ pattern_column }})
{%- endmacro %}

{% macro spark__matches_pattern_of(column_name, pattern_column) -%}
    ({{ column_name }} rlike {{ pattern_column }})
{%- endmacro %}
