{{ union_entity('customer_rules') }}
