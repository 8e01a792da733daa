{# Entities that the source system `febrl` provides, one file `stg_febrl__<entity>.sql` each. #}
{% macro febrl__entities() %}
    {{ return([
        'customer_records',
        'customer_rules',
        'identifiers',
        'person_traits',
        'quarantined_rows',
        'row_counts',
        'source_systems',
    ]) }}
{% endmacro %}
