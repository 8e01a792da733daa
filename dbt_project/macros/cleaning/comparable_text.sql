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


{# Comparable text of an address with the common words for streets in their short form: `12 oak street` is `12 oak st`. #}
{% macro short_street_words(column_name) -%}
    {%- set words = {
        'street': 'st', 'road': 'rd', 'avenue': 'ave', 'lane': 'ln', 'drive': 'dr', 'court': 'ct', 'boulevard': 'blvd',
        'place': 'pl', 'terrace': 'ter', 'avenida': 'av',
    } -%}
    {%- set street = namespace(sql=column_name ~ " || ' '") -%}
    {%- for word, short in words.items() -%}
        {%- set street.sql = "replace(" ~ street.sql ~ ", ' " ~ word ~ " ', ' " ~ short ~ " ')" -%}
    {%- endfor -%}
    trim({{ street.sql }})
{%- endmacro %}
