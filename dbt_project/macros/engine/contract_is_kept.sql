{#
    Runs after each model: whether it has the columns of its contract, of these types and in this order. A model that has
    not fails, and nothing after it runs. On DuckDB, dbt has looked before the model was made.
#}
{% macro contract_is_kept() -%}
    {{ return(adapter.dispatch('contract_is_kept')()) }}
{%- endmacro %}


{% macro default__contract_is_kept() -%}
{%- endmacro %}


{% macro spark__contract_is_kept() -%}
    {%- if execute and config.get('contract').enforced and config.get('materialized') != 'ephemeral' -%}
        {%- set aliases = {'integer': 'int', 'varchar': 'string', 'text': 'string', 'bool': 'boolean'} -%}
        {%- set promised = [] -%}
        {%- for column in model.columns.values() -%}
            {%- set type = column.data_type | lower | replace(' ', '') -%}
            {%- do promised.append([column.name | lower, aliases.get(type, type)]) -%}
        {%- endfor -%}
        {#- What describes partitions comes after the columns, and repeats some. -#}
        {%- set found = [] -%}
        {%- for row in run_query('describe table ' ~ this) if row[0] and not row[0].startswith('#') -%}
            {%- if found | length < promised | length or row[0] not in found | map('first') -%}
                {%- do found.append([row[0] | lower, row[1] | lower]) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if found | sort != promised | sort -%}
            {%- set wrong = found | reject('in', promised) | list -%}
            {%- set missing = promised | reject('in', found) | list -%}
            {%- do exceptions.raise_compiler_error(
                this ~ ' breaks its contract. It has ' ~ wrong ~ ' where ' ~ missing ~ ' is promised.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
