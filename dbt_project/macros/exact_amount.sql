{#
    A floating-point number as an exact one, halves away from zero as they are written: 1.005 becomes 1.01 though it is
    a little less in binary. Engines round a binary number each in their own way, but a decimal all alike, so four digits
    more than are wanted are taken first. What does not fit is null.
#}
{% macro exact_amount(column_name, scale=2) -%}
    {{ cast_or_null(
        cast_or_null(column_name, 'decimal(18, ' ~ (scale + 4) ~ ')'), 'decimal(18, ' ~ scale ~ ')'
    ) }}
{%- endmacro %}
