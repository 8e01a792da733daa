{#
    Text whose UTF-8 bytes were read as Latin-1 (an accented letter became two signs) as it was meant; other text as
    it is. Only a text that consists of nothing but valid UTF-8 sequences, written as Latin-1, is touched, so the
    repair cannot fail.

    Spark writes Latin-1 and reads UTF-8. DuckDB cannot write Latin-1, but percent-encoding shows the bytes: UTF-8
    writes the byte X of 80 to BF as C2 X, and the byte X of C0 to FF as C3 and X less 40.
#}
{% macro repair_mojibake(column_name) -%}
    {{ return(adapter.dispatch('repair_mojibake')(column_name)) }}
{%- endmacro %}

{% macro default__repair_mojibake(column_name) -%}
    {#- The case stands within the call: around it, DuckDB may decode rows that are not chosen, and fail. -#}
    coalesce(
        url_decode(
            case
                when {{ _is_mojibake(column_name) }}
                    then replace(replace(replace(replace(replace(
                        url_encode({{ column_name }}),
                        '%C3%8', '%C'), '%C3%9', '%D'), '%C3%A', '%E'), '%C3%B', '%F'), '%C2%', '%')
            end
        ),
        {{ column_name }}
    )
{%- endmacro %}

{% macro spark__repair_mojibake(column_name) -%}
    coalesce(
        decode(encode(case when {{ _is_mojibake(column_name) }} then {{ column_name }} end, 'ISO-8859-1'), 'UTF-8'),
        {{ column_name }}
    )
{%- endmacro %}

{% macro _is_mojibake(column_name) -%}
    {%- set rest = '[\\x{80}-\\x{bf}]' -%}
    {%- set sequences = [
        '[\\x{00}-\\x{7f}]',
        '[\\x{c2}-\\x{df}]' ~ rest,
        '\\x{e0}[\\x{a0}-\\x{bf}]' ~ rest,
        '[\\x{e1}-\\x{ec}\\x{ee}\\x{ef}]' ~ rest ~ rest,
        '\\x{ed}[\\x{80}-\\x{9f}]' ~ rest,
        '\\x{f0}[\\x{90}-\\x{bf}]' ~ rest ~ rest,
    ] -%}
    ({{ matches_pattern(column_name, '[\\x{c2}-\\x{f0}]' ~ rest) }}
    and {{ matches_pattern(column_name, '^(' ~ sequences | join('|') ~ ')*$') }})
{%- endmacro %}
