{{ union_entity('customer_records') }}
