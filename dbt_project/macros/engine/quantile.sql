{# A quantile (0 to 1) of a numeric column over a group, interpolated. #}
{% macro quantile(column_name, fraction) -%}
    {{ return(adapter.dispatch('quantile')(column_name, fraction)) }}
{%- endmacro %}

{% macro default__quantile(column_name, fraction) -%}
    quantile_cont({{ column_name }}, {{ fraction }})
{%- endmacro %}

{% macro spark__quantile(column_name, fraction) -%}
    percentile({{ column_name }}, {{ fraction }})
{%- endmacro %}
