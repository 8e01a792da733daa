{#
    A whole number of a fixed count of bits (at most 62) for a text, spread evenly over all such numbers and never
    negative. Two texts may get the same number: whoever uses it has to see to that. Each salt gives other numbers; it
    goes in before the text, or texts that are the same once would always be. The numbers differ between engines.
#}
{% macro hashed_id(text, salt, bits) -%}
    {{ return(adapter.dispatch('hashed_id')(text, salt, bits)) }}
{%- endmacro %}

{% macro default__hashed_id(text, salt, bits) -%}
    {%- set salted = "'" ~ salt ~ " ' || " ~ text if salt else text -%}
    cast(hash({{ salted }}) >> {{ 64 - bits }} as bigint)
{%- endmacro %}

{% macro spark__hashed_id(text, salt, bits) -%}
    shiftrightunsigned(xxhash64({{ salt }}, {{ text }}), {{ 64 - bits }})
{%- endmacro %}
