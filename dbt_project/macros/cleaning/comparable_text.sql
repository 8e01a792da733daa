{# Small letters without the accents of European languages; other scripts stay as they are. #}
{% macro plain_letters(column_name) -%}
    translate(
        lower({{ column_name }}),
        'áàâãäåāăąçćčďđéèêëēėęěíìîïīįłñńňóòôõöøōőřśšşťúùûüūůűųýÿźžż',
        'aaaaaaaaacccddeeeeeeeeiiiiiilnnnoooooooorssstuuuuuuuuyyzzz'
    )
{%- endmacro %}


{#
    Text in the form in which spellings of it compare: small letters without accents, letters and digits of any script,
    one blank for whatever else stands between them. Null where nothing is left.
#}
{% macro comparable_text(column_name) -%}
    nullif(trim({{ replace_pattern(plain_letters(column_name), '[^\\p{L}\\p{N}]+', ' ') }}), '')
{%- endmacro %}


{# Several columns in a form in which spellings do not matter, each under its own name. #}
{% macro comparable_texts(column_names) -%}
    {%- for name in column_names -%}
        {{ comparable_text(name) }} as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
