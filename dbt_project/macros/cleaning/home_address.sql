{#
    An address by which homes compare: small letters, no punctuation, and one spelling for what is often shortened at the
    end of a street's name. Null without street or postal code.
#}
{% macro home_address(street, postal_code) -%}
    {%- set short_forms = {
        'street': 'st',
        'avenue': 'ave',
        'boulevard': 'blvd',
        'road': 'rd',
        'drive': 'dr',
        'lane': 'ln',
        'court': 'ct',
        'place': 'pl',
        'square': 'sq',
        'apartment': 'apt',
    } -%}
    {%- set spelling = namespace(sql="' ' || " ~ address_line(street, postal_code) ~ " || ' '") -%}
    {%- for long_form, short_form in short_forms.items() -%}
        {%- set spelling.sql = "replace(" ~ spelling.sql ~ ", ' " ~ long_form ~ " ', ' " ~ short_form ~ " ')" -%}
    {%- endfor -%}
    trim({{ spelling.sql }})
{%- endmacro %}
