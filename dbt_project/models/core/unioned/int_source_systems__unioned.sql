{{ union_entity('source_systems') }}
