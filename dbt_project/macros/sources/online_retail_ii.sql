{# Entities that the source system `online_retail_ii` provides, one file `stg_online_retail_ii__<entity>.sql` each. #}
{% macro online_retail_ii__entities() %}
    {{ return([
        'customer_records',
        'customer_rules',
        'order_lines',
        'products',
        'quarantined_rows',
        'row_counts',
        'source_systems',
        'stores',
    ]) }}
{% endmacro %}
