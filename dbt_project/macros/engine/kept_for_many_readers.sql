{#
    How a model is kept that many others read, each a few of its columns: as an argument of `config`. DuckDB reads
    through a view and computes only what is asked for. Spark plans a view again for each that reads it, which takes
    longer than writing the rows once.
#}
{% macro kept_for_many_readers() -%}
    {{ return(adapter.dispatch('kept_for_many_readers')()) }}
{%- endmacro %}

{% macro default__kept_for_many_readers() -%}
    {{ return('view') }}
{%- endmacro %}

{% macro spark__kept_for_many_readers() -%}
    {{ return('table') }}
{%- endmacro %}
