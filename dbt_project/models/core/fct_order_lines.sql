{{ config(**incremental_by_key('order_line_id', partition_by='order_month')) }}

{# A line that comes again replaces itself: what is loaded later is the better knowledge. #}
with loaded as (
    select order_lines.*
    from {{ ref('int_order_lines__unioned') }} as order_lines
    where {{ loaded_since_last_build('order_lines') }}
),

ranked as (
    select
        *,
        {{ version_rank(
            ['order_line_id'],
            [
                'sales_amount',
                'quantity',
                'list_amount',
                'discount_amount',
                'coupon_discount_amount',
                'store_id',
                'customer_key',
                'occurred_at',
            ],
        ) }} as version_rank
    from loaded
),

final as (
    select
        order_line_id,
        order_id,
        source_system,
        customer_key,
        product_id,
        store_id,
        quantity,
        sales_amount,
        list_amount,
        discount_amount,
        coupon_discount_amount,
        is_return,
        quantity = 0 as is_zero_quantity,
        sales_amount = 0 as is_zero_value,
        occurred_at,
        known_at,
        cast(occurred_at_local as date) as order_date,
        occurred_at_local,
        loaded_at,
        cast({{ dbt.date_trunc('month', 'occurred_at_local') }} as date) as order_month
    from ranked
    where version_rank = 1
)

select * from final
