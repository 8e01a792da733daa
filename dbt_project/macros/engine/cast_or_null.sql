{#
    A value as another type, null where it cannot be one. Both engines write try_cast(); dbt's own safe_cast() is a
    plain cast on DuckDB, which fails.
#}
{% macro cast_or_null(value, type) -%}
    {{ return(adapter.dispatch('cast_or_null')(value, type)) }}
{%- endmacro %}

{% macro default__cast_or_null(value, type) -%}
    try_cast({{ value }} as {{ type }})
{%- endmacro %}

{% macro spark__cast_or_null(value, type) -%}
    try_cast({{ value }} as {{ type }})
{%- endmacro %}
