{#
    Which quarter of an hour since 1970 a timestamp lies in, as a whole number; with `is_end`, which one it ends, where it
    is the end of one. Both engines count microseconds since 1970.
#}
{% macro quarter_hour_number(moment, is_end=false) -%}
    {{ return(adapter.dispatch('quarter_hour_number')(moment, 1 if is_end else 0)) }}
{%- endmacro %}

{% macro default__quarter_hour_number(moment, earlier_microseconds) -%}
    ((epoch_us({{ moment }}) - {{ earlier_microseconds }}) // 900000000)
{%- endmacro %}

{% macro spark__quarter_hour_number(moment, earlier_microseconds) -%}
    ((unix_micros({{ moment }}) - {{ earlier_microseconds }}) div 900000000)
{%- endmacro %}
