{{ union_entity('promotions') }}
