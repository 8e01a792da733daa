{# Numbers that stand in text. What cannot be read is null. #}


{#
    An amount of money from text: `12.34`, `USD 12.34`, `$12.34`, `12.34 USD`, `12,34`, `12,000.00`, `12.000,00`; a
    minus stands before or after it. A comma before three digits parts thousands, before one or two it is the decimal
    sign.
#}
{% macro amount_from_text(column_name) -%}
    {%- set text = "upper(replace(" ~ column_name ~ ", ' ', ''))" -%}
    {%- set before, after = '^-?([A-Z]{3}|[A-Z]{0,2}[$])?-?', '([A-Z]{3})?-?$' -%}
    {%- set digits = replace_pattern(text, '[^0-9.,]') -%}
    {%- set plain -%}
        case
            when {{ matches_pattern(text, before ~ '[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?' ~ after) }}
                then replace({{ digits }}, ',', '')
            when {{ matches_pattern(text, before ~ '([0-9]+|[0-9]{1,3}([.][0-9]{3})+),[0-9]{1,2}' ~ after) }}
                then replace(replace({{ digits }}, '.', ''), ',', '.')
            when {{ matches_pattern(text, before ~ '[0-9]+([.][0-9]+)?' ~ after) }} then {{ digits }}
        end
    {%- endset -%}
    cast(
        {{ cast_or_null(plain, 'decimal(18, 2)') }} * case when {{ column_name }} like '%-%' then -1 else 1 end
        as decimal(18, 2)
    )
{%- endmacro %}


{# An amount that may be short for thousands or millions: `USD 120k`, `1.2M`. #}
{% macro amount_from_short_text(column_name) -%}
    {%- set text = "upper(replace(" ~ column_name ~ ", ' ', ''))" -%}
    cast(
        {{ amount_from_text(replace_pattern(text, '[KM]$')) }}
        * case when {{ text }} like '%K' then 1000 when {{ text }} like '%M' then 1000000 else 1 end
        as decimal(18, 2)
    )
{%- endmacro %}


{# A whole number from text; a comma parts thousands, `3.0` is 3, a minus stands before or after it. #}
{% macro integer_from_text(column_name) -%}
    {%- set text = "replace(replace(" ~ column_name ~ ", ' ', ''), ',', '')" -%}
    case
        when {{ matches_pattern(text, '^[+-]?[0-9]{1,15}([.]0+)?-?$') }}
            then {{ cast_or_null(text_part(replace_pattern(text, '[+-]'), '.', 1), 'bigint') }}
    end
    * case when {{ column_name }} like '%-%' then -1 else 1 end
{%- endmacro %}


{# A weight in whole grams from text with its unit: `500 g`, `1.2 kg`, `16 oz`, `2 lb`. #}
{% macro grams_from_text(column_name) -%}
    {%- set text = "lower(replace(" ~ column_name ~ ", ' ', ''))" -%}
    {%- set number = cast_or_null("replace(" ~ replace_pattern(text, '[a-z]') ~ ", ',', '.')", 'decimal(12, 4)') -%}
    case
        {%- for unit, grams in {'kg': '1000', 'g': '1', 'oz': '28.3495', 'lb': '453.5924', 'lbs': '453.5924'}.items() %}
        when {{ matches_pattern(text, '^[0-9.,]+' ~ unit ~ '$') }}
            then cast(round({{ number }} * {{ grams }}, 0) as bigint)
        {%- endfor %}
    end
{%- endmacro %}


{#
    As amount_from_text(), for tables of many rows that nearly all are plain decimals: only the others are looked at
    closely.
#}
{% macro quick_amount_from_text(column_name) -%}
    coalesce({{ cast_or_null(column_name, 'decimal(18, 2)') }}, {{ amount_from_text(column_name) }})
{%- endmacro %}


{# An amount, null where it is negative: no price is. #}
{% macro positive_amount(amount) -%}
    case when {{ amount }} >= 0 then {{ amount }} end
{%- endmacro %}
