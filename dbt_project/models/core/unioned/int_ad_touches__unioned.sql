{{ union_entity('ad_touches') }}
