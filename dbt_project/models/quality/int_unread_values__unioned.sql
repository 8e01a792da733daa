{{ union_entity('unread_values') }}
