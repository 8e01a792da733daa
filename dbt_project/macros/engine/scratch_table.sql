{#
    Tables that live no longer than the work of one macro. DuckDB has temporary ones, which it forgets with the
    connection. Spark has none: they are tables of the warehouse, gone once they are dropped.

    prefix: `schema.name` of what the work is for; no two pieces of work that run at the same time may share it.
#}
{% macro scratch_table(prefix, name) -%}
    {{ return(adapter.dispatch('scratch_table')(prefix, name)) }}
{%- endmacro %}

{% macro default__scratch_table(prefix, name) -%}
    {{ return((prefix ~ '__' ~ name) | replace('.', '__')) }}
{%- endmacro %}

{% macro spark__scratch_table(prefix, name) -%}
    {{ return(prefix ~ '__' ~ name) }}
{%- endmacro %}
