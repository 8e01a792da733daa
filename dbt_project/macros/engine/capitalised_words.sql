{# Text in small letters with a capital after every blank. Spark has initcap(), DuckDB puts the words together again. #}
{% macro capitalised_words(column_name) -%}
    {{ return(adapter.dispatch('capitalised_words')(column_name)) }}
{%- endmacro %}

{% macro default__capitalised_words(column_name) -%}
    array_to_string(
        list_transform(string_split(lower({{ column_name }}), ' '), lambda word: upper(word[1]) || word[2:]), ' '
    )
{%- endmacro %}

{% macro spark__capitalised_words(column_name) -%}
    initcap(lower({{ column_name }}))
{%- endmacro %}
