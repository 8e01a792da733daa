{#
    The name of a table that lives no longer than a piece of work. DuckDB has temporary tables, which it forgets with
    the connection. Spark has none: there they are tables in a schema of their own, which `start_scratch` makes.

    prefix: `schema.name` of what the work is for; no two pieces of work that run at the same time may share it.
#}
{% macro scratch_table(prefix, name) -%}
    {{ return(adapter.dispatch('scratch_table')(prefix, name)) }}
{%- endmacro %}

{% macro default__scratch_table(prefix, name) -%}
    {{ return((prefix ~ '__' ~ name) | replace('.', '__')) }}
{%- endmacro %}

{% macro spark__scratch_table(prefix, name) -%}
    {{ return((prefix | replace('.', '__')) ~ '__scratch.' ~ name) }}
{%- endmacro %}
