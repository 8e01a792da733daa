{# Which half hour since 1970 a timestamp lies in, as a whole number. Both engines count microseconds since 1970. #}
{% macro half_hour_number(moment) -%}
    {{ return(adapter.dispatch('half_hour_number')(moment)) }}
{%- endmacro %}

{% macro default__half_hour_number(moment) -%}
    (epoch_us({{ moment }}) // 1800000000)
{%- endmacro %}

{% macro spark__half_hour_number(moment) -%}
    (unix_micros({{ moment }}) div 1800000000)
{%- endmacro %}
