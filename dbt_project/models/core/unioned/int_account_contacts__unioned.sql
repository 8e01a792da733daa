{{ union_entity('account_contacts') }}
