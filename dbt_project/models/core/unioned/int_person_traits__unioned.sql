{{ union_entity('person_traits') }}
