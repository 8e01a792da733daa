{{ union_entity('tickets') }}
