{#
    dbt holds a contract by asking the engine for the columns of the model's query before it makes the model. On Spark that
    is the dearest part of a small model: two more queries, one of them planned through all views below it. There the
    columns are held once the model is made, by `contract_is_kept`, for the price of one look into the catalogue.
#}
{% macro spark__get_assert_columns_equivalent(sql) -%}
{%- endmacro %}
