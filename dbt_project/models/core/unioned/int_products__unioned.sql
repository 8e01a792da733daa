{{ union_entity('products') }}
