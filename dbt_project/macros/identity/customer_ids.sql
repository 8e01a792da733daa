{#
    The id of the customer that a record leads. Its generation is 1 for a record that always led its customer; an id with
    it is given out once.
#}
{% macro customer_id_of(anchor_customer_key, generation='1') -%}
    'cust_' || substring({{ dbt.hash(anchor_customer_key ~ " || case when " ~ generation ~ " > 1 then '#' || cast("
        ~ generation ~ " as " ~ dbt.type_string() ~ ") else '' end") }}, 1, 20)
{%- endmacro %}
