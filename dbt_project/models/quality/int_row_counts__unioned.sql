{{ union_entity('row_counts') }}
