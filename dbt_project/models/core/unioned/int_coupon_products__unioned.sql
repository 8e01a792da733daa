{{ union_entity('coupon_products') }}
