{{ config(enabled=is_enabled_source()) }}

{% set source_tables = [
    'category_translations',
    'closed_deals',
    'customers',
    'leads',
    'order_items',
    'order_payments',
    'order_reviews',
    'orders',
    'products',
    'sellers',
] %}

{% for source_table in source_tables %}
    {{ landed_row_count(source_table) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
