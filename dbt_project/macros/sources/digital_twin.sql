{# Entities that the source system `digital_twin` provides, one file `stg_digital_twin__<entity>.sql` each. #}
{% macro digital_twin__entities() %}
    {{ return([
        'account_contacts',
        'accounts',
        'ad_touches',
        'behaviour_events',
        'campaigns',
        'consent_changes',
        'customer_records',
        'customer_rules',
        'deliveries',
        'experiment_assignments',
        'feedback',
        'identifiers',
        'invitations',
        'leads',
        'loyalty_entries',
        'loyalty_levels',
        'messages',
        'opportunities',
        'order_lines',
        'payments',
        'products',
        'quarantined_rows',
        'responses',
        'row_counts',
        'source_systems',
        'store_visits',
        'stores',
        'ticket_messages',
        'tickets',
        'unread_values',
    ]) }}
{% endmacro %}


{# What every behaviour event has to say, whichever system wrote it. known_at: as for `time_rules`. #}
{% macro digital_twin__event_rules(known_at=none) %}
    {{ return([
        ['event_no is null', 'key is missing'],
        ['event_name is null', 'event name is not known'],
        ['visitor_id is null', 'visitor is missing'],
    ] + time_rules(2016, 2018, known_at=known_at)) }}
{% endmacro %}
