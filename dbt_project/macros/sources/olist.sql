{# Entities that the source system `olist` provides, one file `stg_olist__<entity>.sql` each. #}
{% macro olist__entities() %}
    {{ return([
        'accounts',
        'customer_records',
        'customer_rules',
        'feedback',
        'leads',
        'opportunities',
        'order_lines',
        'payments',
        'products',
        'quarantined_rows',
        'row_counts',
        'source_systems',
        'stores',
    ]) }}
{% endmacro %}
