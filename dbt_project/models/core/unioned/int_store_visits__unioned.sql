{{ union_entity('store_visits') }}
