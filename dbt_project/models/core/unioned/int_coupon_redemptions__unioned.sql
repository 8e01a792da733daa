{{ union_entity('coupon_redemptions') }}
