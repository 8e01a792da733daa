{{ union_entity('stores') }}
