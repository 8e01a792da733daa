{# A relation with one column `number`, holding the integers from 0 up to and including the last one. #}
{% macro integers_up_to(last_number) -%}
    {{ return(adapter.dispatch('integers_up_to')(last_number)) }}
{%- endmacro %}

{% macro default__integers_up_to(last_number) -%}
    (select cast(range as integer) as number from range(0, {{ last_number }} + 1))
{%- endmacro %}

{% macro spark__integers_up_to(last_number) -%}
    (select cast(id as int) as number from range(0, {{ last_number }} + 1))
{%- endmacro %}
