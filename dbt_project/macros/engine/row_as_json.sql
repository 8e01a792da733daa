{#
    Columns of a relation in scope as one JSON object of texts (null stays null), so that both engines write the same.
    DuckDB: to_json(struct literal); Spark: to_json(named_struct()), which leaves out nulls unless told otherwise.
#}
{% macro row_as_json(relation_alias, column_names) -%}
    {{ return(adapter.dispatch('row_as_json')(relation_alias, column_names)) }}
{%- endmacro %}

{% macro default__row_as_json(relation_alias, column_names) -%}
    cast(to_json({
        {%- for name in column_names %}
        '{{ name }}': cast({{ relation_alias }}.{{ name }} as varchar){{ ',' if not loop.last }}
        {%- endfor %}
    }) as varchar)
{%- endmacro %}

{% macro spark__row_as_json(relation_alias, column_names) -%}
    to_json(
        named_struct(
            {%- for name in column_names %}
            '{{ name }}', cast({{ relation_alias }}.{{ name }} as string){{ ',' if not loop.last }}
            {%- endfor %}
        ),
        map('ignoreNullFields', 'false')
    )
{%- endmacro %}
