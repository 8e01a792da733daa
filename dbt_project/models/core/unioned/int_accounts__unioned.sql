{{ union_entity('accounts') }}
