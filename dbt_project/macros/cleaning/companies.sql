{# What companies are called and how large they are. #}


{# A tidy name of a company with its legal form in one spelling: `ACME, INC` is `Acme Inc.`. #}
{% macro company_name(column_name) -%}
    {%- set named = namespace(sql=proper_name(column_name)) -%}
    {%- for pattern, form in {
        'inc[.]?|incorporated': 'Inc.',
        'l[.]?l[.]?c[.]?': 'LLC',
        'ltda[.]?|limitada': 'Ltda.',
        'ltd[.]?|limited': 'Ltd.',
        'corp[.]?|corporation': 'Corp.',
        'co[.]?|company': 'Co.',
    }.items() -%}
        {%- set named.sql = replace_pattern(named.sql, '(?i)[, ]+(' ~ pattern ~ ')$', ' ' ~ form) -%}
    {%- endfor -%}
    {{ named.sql }}
{%- endmacro %}


{# Employees from a number, or from a band, of which the middle counts: `120`, `50-99`, `500+`. #}
{% macro employee_count(column_name) -%}
    {%- set low = cast_or_null('trim(' ~ text_part(column_name, '-', 1) ~ ')', 'bigint') -%}
    {%- set high = cast_or_null('trim(' ~ text_part(column_name, '-', 2) ~ ')', 'bigint') -%}
    case
        when {{ matches_pattern(column_name, '^[0-9]{1,9}[+]?$') }}
            then {{ cast_or_null(replace_pattern(column_name, '[+]'), 'bigint') }}
        when {{ matches_pattern(column_name, '^[0-9]{1,9} *- *[0-9]{1,9}$') }}
            then cast(floor(({{ low }} + {{ high }}) / 2.0) as bigint)
    end
{%- endmacro %}


{# The domain of a web site: without protocol, `www.`, path and query. Expects small letters. #}
{% macro web_domain(column_name) -%}
    {{ replace_pattern(replace_pattern(column_name, '^(https?:)?/*(www[.])?'), '[/?:#].*$') }}
{%- endmacro %}
