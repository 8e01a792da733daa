{# A part of a whole as a floating-point share; null where the whole is zero. #}
{% macro share_of(part, whole) -%}
    (cast({{ part }} as double) / nullif(cast({{ whole }} as double), 0))
{%- endmacro %}
