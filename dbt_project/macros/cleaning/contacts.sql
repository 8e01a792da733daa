{# Normal forms of what people are reached by. What has no normal form is null: it reaches nobody. #}


{#
    An e-mail address in normal form: blanks and control characters at the edges gone, small letters. Null if it is no
    address. Mistyped domains stay as they are: whether gmial.com was meant as gmail.com is for those to say who link
    records.
#}
{% macro email_address(column_name) -%}
    {%- set trimmed -%}
        lower({{ replace_pattern(column_name, '^[\\p{Cc}\\p{Zs}]+|[\\p{Cc}\\p{Zs}]+$') }})
    {%- endset -%}
    case
        when {{ matches_pattern(trimmed, '^[a-z0-9][a-z0-9._%+-]*@[a-z0-9-]+([.][a-z0-9-]+)+$') }} then {{ trimmed }}
    end
{%- endmacro %}


{#
    A phone number as E.164. Ten digits, or eleven that begin with 1, are a US number; what begins with + or 00 names
    its country itself. An extension is dropped. Null with too few digits or too many, or where letters stand
    between them.
#}
{% macro phone_number(column_name) -%}
    {%- set without_extension = replace_pattern('lower(' ~ column_name ~ ')', '[, ]*(x|ext)[. :]*[0-9]+ *$') -%}
    {%- set digits = replace_pattern(without_extension, '[^0-9]') -%}
    case
        when {{ matches_pattern(without_extension, '[a-z@]|\\p{Cc}') }} then null
        when {{ matches_pattern(without_extension, '^ *[+] *[2-9]') }} and length({{ digits }}) between 8 and 15
            then '+' || {{ digits }}
        when {{ matches_pattern(without_extension, '^ *00[2-9]') }} and length({{ digits }}) between 10 and 17
            then '+' || substring({{ digits }}, 3)
        when {{ matches_pattern(without_extension, '^ *[+] *0') }} then null
        when length({{ digits }}) = 10 and {{ matches_pattern(without_extension, '^[^+]*$') }} then '+1' || {{ digits }}
        when length({{ digits }}) = 11 and substring({{ digits }}, 1, 1) = '1' then '+' || {{ digits }}
    end
{%- endmacro %}


{# A number that is written with leading zeros, without them; null if it is none, or nothing but zeros. #}
{% macro unpadded_number(column_name) -%}
    case
        when {{ matches_pattern('trim(' ~ column_name ~ ')', '^0*[1-9][0-9]*$') }}
            then {{ replace_pattern('trim(' ~ column_name ~ ')', '^0+') }}
    end
{%- endmacro %}


{# A postal code, with the leading zero that spreadsheets take from US codes. #}
{% macro postal_code(column_name) -%}
    case
        when {{ matches_pattern('trim(' ~ column_name ~ ')', '^[0-9]{4}$') }} then '0' || trim({{ column_name }})
        else {{ clean_text(column_name) }}
    end
{%- endmacro %}


{# Street and postal code as one line by which spellings of an address compare: small letters, no punctuation. #}
{% macro address_line(street, postal_code) -%}
    trim({{ replace_pattern("lower(" ~ street ~ " || ' ' || " ~ postal_code ~ ")", '[^\\p{L}\\p{N}]+', ' ') }})
{%- endmacro %}
