{# What visitors did on a screen, and when they came into a store. #}
{{ activity(
    ref('fct_behaviour_events'), 'event', 'event_id', 'event_name',
    visitor_key='visitor_key', channel='channel', product_id='product_id',
) }}
union all
{{ activity(
    ref('fct_store_visits'), 'store_visit', 'store_visit_id', "'Store Visited'",
    visitor_key='visitor_key', channel="'store'",
) }}
