{{ union_entity('deliveries') }}
