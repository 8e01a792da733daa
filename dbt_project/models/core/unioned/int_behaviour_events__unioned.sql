{{ union_entity('behaviour_events') }}
