{{ union_entity('loyalty_entries') }}
