{#
    How many values of some columns were written, and how many of them cannot be read; one row per column. Either table
    is gone through once, whatever the number of columns.

    columns: pairs of the column in the raw table and the one that the base model makes of it.
#}
{% macro counts_of_unread_values(source_name, table, columns) -%}
select
    '{{ table }}' as source_table,
    column_names.column_name,
    case column_names.column_name
        {%- for _, read in columns %}
        when '{{ read }}' then written.{{ read }}
        {%- endfor %}
    end as written_value_count,
    case column_names.column_name
        {%- for _, read in columns %}
        when '{{ read }}' then written.{{ read }} - typed.{{ read }}
        {%- endfor %}
    end as unread_value_count
from (
    select
        {%- for written, read in columns %}
        count(nullif(trim(cast({{ raw_column(written) }} as {{ dbt.type_string() }})), '')) as {{ read }},
        {%- endfor %}
        count(*) as row_count
    from {{ source('raw_' ~ source_name, table) }}
) as written
cross join (
    select
        {%- for _, read in columns %}
        count({{ read }}) as {{ read }},
        {%- endfor %}
        count(*) as row_count
    from {{ ref('base_' ~ source_name ~ '__' ~ table) }}
) as typed
cross join (
    {%- for _, read in columns %}
    select '{{ read }}' as column_name {{- ' union all' if not loop.last }}
    {%- endfor %}
) as column_names
{%- endmacro %}
