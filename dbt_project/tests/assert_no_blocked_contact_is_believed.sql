{# What reaches nobody is in no golden record, however often it was typed. #}
select
    golden_values.customer_id,
    golden_values.attribute_name,
    golden_values.attribute_value
from {{ ref('fct_golden_values') }} as golden_values
inner join {{ ref('int_blocked_values__listed') }} as blocked_values
    on
        golden_values.attribute_name = blocked_values.identifier_type
        and golden_values.attribute_value = blocked_values.identifier_value
