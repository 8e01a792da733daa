{{ union_entity('loyalty_levels') }}
