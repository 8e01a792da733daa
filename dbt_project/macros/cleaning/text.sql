{# Repairs of text that people typed and systems mangled. #}


{#
    Text as it was meant: wrongly read bytes repaired, control characters gone, blanks and line breaks collapsed to
    one blank, none at the edges; empty text is null. The repair comes first, because wrongly read letters look like
    control characters. A wrongly read o with tilde that was then put in capitals has become two other letters.
#}
{% macro tidy_text(column_name) -%}
    {%- set repaired = "replace(" ~ repair_mojibake(column_name) ~ ", 'ÃΜ', 'Õ')" -%}
    nullif(
        trim({{ replace_pattern(replace_pattern(repaired, '[\\t\\n\\r\\p{Zs}]+', ' '), '\\p{Cc}+') }}),
        ''
    )
{%- endmacro %}


{#
    A tidy name as people write it: what stands all in capitals or all in small letters gets a capital at the beginning
    of each part. Words for "nothing" are null, but not those that are names: Na, Nan and Null are people too.
#}
{% macro proper_name(column_name) -%}
    case
        when lower({{ column_name }}) in ('n/a', 'unknown', '-', '.', '?') then null
        when {{ column_name }} = upper({{ column_name }}) or {{ column_name }} = lower({{ column_name }})
            then replace(replace(
                {{ capitalised_words("replace(replace(" ~ column_name ~ ", '-', '- '), '''', ''' ')") }}, '- ', '-'
            ), ''' ', '''')
        else {{ column_name }}
    end
{%- endmacro %}


{# As clean_text(), for keys and codes that people type: more words stand for "nothing" there. #}
{% macro known_text(column_name) -%}
    case
        when lower(trim({{ column_name }})) in ('', 'n/a', 'na', 'nan', 'null', 'none', 'unknown', '-', '?') then null
        else trim({{ column_name }})
    end
{%- endmacro %}


{# The value that a code stands for, by a mapping {code: value} with codes in small letters; null for other codes. #}
{% macro decoded(column_name, mapping) -%}
    case lower(trim({{ column_name }}))
        {%- for code, value in mapping.items() %}
        when '{{ code }}' then '{{ value }}'
        {%- endfor %}
    end
{%- endmacro %}


{# Given names from a full name: all but the last word. A single word is a given name. #}
{% macro given_part(column_name) -%}
    {{ replace_pattern(column_name, ' [^ ]+$') }}
{%- endmacro %}


{# Family name from a full name: the last of several words. #}
{% macro family_part(column_name) -%}
    case when {{ column_name }} like '% %' then {{ replace_pattern(column_name, '^.* ') }} end
{%- endmacro %}
