{# A column of a raw table by the name that its source gave it, whatever stands in it: blanks, quotes, any letters. #}
{% macro raw_column(name) -%}
    {{ return(adapter.dispatch('raw_column')(name)) }}
{%- endmacro %}

{% macro default__raw_column(name) -%}
    "{{ name | replace('"', '""') }}"
{%- endmacro %}

{% macro spark__raw_column(name) -%}
    `{{ name | replace('`', '``') }}`
{%- endmacro %}
