{#
    The time that stands in a text in capitals, its date parted by dots and in the order of a layout of
    `moment_from_text()`, with a clock behind a blank or none; null if it is none. DuckDB: strptime(), its formats in a
    list; Spark: to_timestamp(), which reads names of months in small letters only.
#}
{% macro moment_in_layout(text, layout) -%}
    {{ return(adapter.dispatch('moment_in_layout')(text, layout)) }}
{%- endmacro %}

{% macro default__moment_in_layout(text, layout) -%}
    {%- set date = {
        'day_first': '%d.%m.%Y', 'month_first': '%m.%d.%Y', 'month_name': '%d.%b.%Y', 'compact': '%Y%m%d',
    }[layout] -%}
    try_strptime({{ text }}, [
        '{{ date }}'
        {%- for clock in ['%H:%M', '%H:%M:%S', '%I:%M %p', '%I:%M%p', '%I:%M:%S %p', '%I:%M:%S%p'] -%}
            , '{{ date }} {{ clock }}'
        {%- endfor -%}
    ])
{%- endmacro %}

{% macro spark__moment_in_layout(text, layout) -%}
    {%- set date = {
        'day_first': 'd.M.yyyy', 'month_first': 'M.d.yyyy', 'month_name': 'd.MMM.yyyy', 'compact': 'yyyyMMdd',
    }[layout] -%}
    {%- set spelled = "regexp_replace(" ~ text ~ ", ' ?([AP]M)$', ' $1')" -%}
    {%- if layout == 'month_name' -%}
        {%- set spelled = "replace(initcap(replace(" ~ spelled ~ ", '.', '. ')), '. ', '.')" -%}
    {%- endif -%}
    coalesce(
        try_to_timestamp({{ spelled }}, '{{ date }}')
        {%- for clock in ['H:mm', 'H:mm:ss', 'h:mm a', 'h:mm:ss a'] -%}
            , try_to_timestamp({{ spelled }}, '{{ date }} {{ clock }}')
        {%- endfor -%}
    )
{%- endmacro %}
