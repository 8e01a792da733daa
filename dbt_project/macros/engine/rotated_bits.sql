{#
    A whole number of so many bits, turned to the right by some places: what falls out on the right comes in on the
    left. Turning by `bits - places` turns it back. Evenly spread numbers stand in an unrelated order afterwards.
#}
{% macro rotated_bits(number, places, bits) -%}
    {{ return(number if places % bits == 0 else adapter.dispatch('rotated_bits')(number, places % bits, bits)) }}
{%- endmacro %}

{% macro default__rotated_bits(number, places, bits) -%}
    ((({{ number }} & {{ 2 ** places - 1 }}) << {{ bits - places }}) | ({{ number }} >> {{ places }}))
{%- endmacro %}

{% macro spark__rotated_bits(number, places, bits) -%}
    (shiftleft({{ number }} & {{ 2 ** places - 1 }}, {{ bits - places }}) | shiftright({{ number }}, {{ places }}))
{%- endmacro %}
