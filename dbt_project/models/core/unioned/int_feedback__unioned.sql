{{ union_entity('feedback') }}
