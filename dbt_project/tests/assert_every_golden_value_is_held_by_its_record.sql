{#
    Provenance that can be trusted: the record named beside a golden value belongs to the customer and says that very
    thing. Only capitals may differ.
#}
{% set record_columns = golden_record_columns() + address_columns() %}
with golden_values as (
    select * from {{ ref('fct_golden_values') }}
),

records as (
    select * from {{ ref('dim_customer_records') }}
),

held as (
    {% for attribute in record_columns %}
        select
            '{{ attribute }}' as attribute_name,
            customer_key,
            lower(cast({{ attribute }} as {{ dbt.type_string() }})) as held_value
        from records
        union all
    {% endfor %}
    select
        identifier_type as attribute_name,
        customer_key,
        identifier_value as held_value
    from {{ ref('bdg_customer_identifiers') }}
)

select
    golden_values.customer_id,
    golden_values.attribute_name,
    golden_values.attribute_value
from golden_values
left join {{ ref('bdg_customer_keys') }} as customer_keys
    on
        golden_values.customer_key = customer_keys.customer_key
        and golden_values.customer_id = customer_keys.customer_id
left join held
    on
        golden_values.customer_key = held.customer_key
        and golden_values.attribute_name = held.attribute_name
        and lower(golden_values.attribute_value) = held.held_value
where
    customer_keys.customer_key is null
    or held.held_value is null
