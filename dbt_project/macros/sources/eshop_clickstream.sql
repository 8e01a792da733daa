{# Entities that the source system `eshop_clickstream` provides, one file `stg_eshop_clickstream__<entity>.sql` each. #}
{% macro eshop_clickstream__entities() %}
    {{ return([
        'behaviour_events',
        'products',
        'quarantined_rows',
        'row_counts',
        'source_systems',
    ]) }}
{% endmacro %}
