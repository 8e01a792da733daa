{{ union_entity('ticket_messages') }}
