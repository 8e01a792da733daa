{{ union_entity('invitations') }}
