{#
    A text in small letters without punctuation, with the words that addresses often shorten in their short form:
    `12 oak street` is `12 oak st`.
#}
{% macro short_street_words(text) -%}
    {%- set short_forms = {
        'street': 'st',
        'avenue': 'ave',
        'avenida': 'av',
        'boulevard': 'blvd',
        'road': 'rd',
        'drive': 'dr',
        'lane': 'ln',
        'court': 'ct',
        'place': 'pl',
        'terrace': 'ter',
        'square': 'sq',
        'apartment': 'apt',
    } -%}
    {%- set spelling = namespace(sql="' ' || " ~ text ~ " || ' '") -%}
    {%- for long_form, short_form in short_forms.items() -%}
        {%- set spelling.sql = "replace(" ~ spelling.sql ~ ", ' " ~ long_form ~ " ', ' " ~ short_form ~ " ')" -%}
    {%- endfor -%}
    trim({{ spelling.sql }})
{%- endmacro %}


{#
    An address by which homes compare: small letters, no punctuation, and one spelling for what is often shortened. Null
    without street or postal code.
#}
{% macro home_address(street, postal_code) -%}
    {{ short_street_words(address_line(street, postal_code)) }}
{%- endmacro %}
