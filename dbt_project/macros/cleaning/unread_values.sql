{#
    How many values of a column were written, and how many of them cannot be read; one row. A view of many of them is a
    long text, and the catalogue of Spark keeps no view of more than 32,700 letters: hence no indentation.

    written, read: the column in the raw table, and the one that the base model makes of it.
#}
{% macro count_of_unread_values(source_name, table, written, read) -%}
{% set values = 'nullif(trim(cast(' ~ raw_column(written) ~ ' as ' ~ dbt.type_string() ~ ")), '')" -%}
select '{{ table }}' as source_table, '{{ read }}' as column_name,
written.value_count as written_value_count, written.value_count - typed.value_count as unread_value_count
from (select count({{ values }}) as value_count from {{ source('raw_' ~ source_name, table) }}) as written
cross join (select count({{ read }}) as value_count from {{ ref('base_' ~ source_name ~ '__' ~ table) }}) as typed
{%- endmacro %}
