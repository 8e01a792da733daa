{# An e-mail address that people recognise and nobody can write to: a***@example.com. #}
{% macro masked_email(column_name) -%}
    substring({{ column_name }}, 1, 1) || '***@' || {{ text_part(column_name, '@', 2) }}
{%- endmacro %}


{# A phone number of which only the last two digits are left. #}
{% macro masked_phone(column_name) -%}
    '***' || substring({{ column_name }}, length({{ column_name }}) - 1)
{%- endmacro %}


{# A name of which the given name and the first letter of the family name are left: Anna S. #}
{% macro masked_name(given_name, family_name) -%}
    trim(coalesce({{ given_name }}, '') || coalesce(' ' || substring({{ family_name }}, 1, 1) || '.', ''))
{%- endmacro %}
