{# Entities that the source system `complete_journey` provides, one file `stg_complete_journey__<entity>.sql` each. #}
{% macro complete_journey__entities() %}
    {{ return([
        'campaign_sends',
        'campaigns',
        'coupon_products',
        'coupon_redemptions',
        'customer_records',
        'customer_rules',
        'identifiers',
        'order_lines',
        'products',
        'promotions',
        'quarantined_rows',
        'row_counts',
        'source_systems',
        'stores',
    ]) }}
{% endmacro %}
