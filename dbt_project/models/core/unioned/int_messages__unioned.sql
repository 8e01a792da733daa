{{ union_entity('messages') }}
