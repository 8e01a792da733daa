{#
    A whole number of a fixed count of bits (at most 62) for a text, spread evenly over all such numbers and never
    negative. Each salt gives other numbers. Two texts may get the same number: whoever uses it has to see to that.
    Each engine has a hash of its own, so the numbers differ between engines.
#}
{% macro hashed_id(text, salt, bits) -%}
    {{ return(adapter.dispatch('hashed_id')(text, salt, bits)) }}
{%- endmacro %}

{% macro default__hashed_id(text, salt, bits) -%}
    cast(hash({{ text }}, {{ salt }}) >> {{ 64 - bits }} as bigint)
{%- endmacro %}

{% macro spark__hashed_id(text, salt, bits) -%}
    shiftrightunsigned(xxhash64({{ text }}, {{ salt }}), {{ 64 - bits }})
{%- endmacro %}
