{{ union_entity('consent_changes') }}
