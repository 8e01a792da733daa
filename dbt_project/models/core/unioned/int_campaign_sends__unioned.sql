{{ union_entity('campaign_sends') }}
