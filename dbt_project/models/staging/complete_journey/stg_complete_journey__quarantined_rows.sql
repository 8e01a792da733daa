{{ config(enabled=is_enabled_source(), materialized='table') }}

{# The order in which fct_order_lines ranks versions of a line: what it keeps is not in quarantine too. #}
{{ quarantined_rows(
    'base_complete_journey__transactions', 'transactions', ['basket_id', 'product_id'],
    [
        'sales_amount',
        'quantity',
        'retail_discount_amount + coupon_match_discount_amount',
        'coupon_discount_amount',
        'coupon_match_discount_amount',
        'cast(store_id as ' ~ dbt.type_string() ~ ')',
        'cast(household_id as ' ~ dbt.type_string() ~ ')',
    ],
) }}
union all
{{ quarantined_rows('base_complete_journey__products', 'products', ['product_id']) }}
union all
{{ quarantined_rows('base_complete_journey__demographics', 'demographics', ['household_id']) }}
union all
{{ quarantined_rows('base_complete_journey__campaigns', 'campaigns', ['campaign_id', 'household_id']) }}
union all
{{ quarantined_rows(
    'base_complete_journey__campaign_descriptions', 'campaign_descriptions', ['campaign_id'],
) }}
union all
{{ quarantined_rows(
    'base_complete_journey__coupons', 'coupons', ['coupon_upc', 'product_id', 'campaign_id'],
    repeat_reason='exact duplicate',
) }}
union all
{{ quarantined_rows(
    'base_complete_journey__coupon_redemptions', 'coupon_redemptions',
    ['household_id', 'coupon_upc', 'campaign_id', 'redemption_date'],
) }}
union all
{# Repeats among the many promotions are looked for only where counting by store found some. #}
{{ quarantined_rows(
    'base_complete_journey__promotions', 'promotions',
    ['product_id', 'store_id', 'week', 'display_location', 'mailer_location'],
    repeat_reason='exact duplicate',
    within="week in (select week_number from " ~ ref('base_complete_journey__repeated_promotion_weeks') ~ ")",
) }}
