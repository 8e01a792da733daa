{{ config(enabled=is_enabled_source()) }}

{% set source_tables = [
    'campaign_descriptions',
    'campaigns',
    'coupon_redemptions',
    'coupons',
    'demographics',
    'products',
    'promotions',
    'transactions',
] %}

{% for source_table in source_tables %}
    {{ landed_row_count(source_table) }}
    {{ 'union all' if not loop.last }}
{% endfor %}
