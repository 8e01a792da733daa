{{ union_entity('quarantined_rows') }}
