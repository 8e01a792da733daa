select
    coupon_product_id,
    source_system,
    coupon_id,
    campaign_id,
    product_id
from {{ ref('int_coupon_products__unioned') }}
