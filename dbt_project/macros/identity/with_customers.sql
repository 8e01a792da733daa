{#
    The rows of a relation that are a known customer's, with the customer: that of the record that was logged in; where
    none was, that of the visitor, if only one customer was ever known on the device.
#}
{% macro with_customers(relation) %}
    select
        coalesce(customer_keys.customer_id, visitor_customers.customer_id) as customer_id,
        happened.customer_key is null as is_anonymous,
        happened.*
    from {{ relation }} as happened
    left join {{ ref('bdg_customer_keys') }} as customer_keys on happened.customer_key = customer_keys.customer_key
    left join {{ ref('bdg_visitor_customers') }} as visitor_customers
        -- One comparison, so that engines can look it up: a visitor counts only where nobody was logged in.
        on case when happened.customer_key is null then happened.visitor_key end = visitor_customers.visitor_key
    where coalesce(customer_keys.customer_id, visitor_customers.customer_id) is not null
{% endmacro %}
