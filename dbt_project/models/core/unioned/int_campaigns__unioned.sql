{{ union_entity('campaigns') }}
