{{ union_entity('responses') }}
