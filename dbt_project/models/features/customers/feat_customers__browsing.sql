{# What a customer looked at, put into the cart and took out again, on the web, in the app and in mini-programs. #}
with customers as (
    select
        customer_id,
        as_of_date
    from {{ ref('feat_customers__engagement') }}
),

recorded as (
    {{ recorded_themes(['browsing']) }}
),

activities as (
    {{ dated_activities(['browsing']) }}
),

measured as (
    select
        customer_id,
        as_of_date,
        min(days_ago) as days_since_browsing,
        count(distinct case when days_ago <= 28 then activity_date end) as browsing_days_28d,
        count(distinct activity_date) as browsing_days_84d,
        {{ happened(['Product Viewed'], 28) }} as product_views_28d,
        {{ happened(['Product Viewed'], 84) }} as product_views_84d,
        {{ happened(['Products Searched'], 84) }} as searches_84d,
        {{ happened(['Products Compared'], 84) }} as comparisons_84d,
        {{ happened(['Product Added'], 28) }} as cart_adds_28d,
        {{ happened(['Product Added'], 84) }} as cart_adds_84d,
        {{ happened(['Product Removed'], 84) }} as cart_removals_84d,
        {{ happened(['Product Added to Wishlist'], 84) }} as wishlist_adds_84d,
        {{ happened(['Checkout Started'], 84) }} as checkouts_84d,
        {{ happened(['Order Completed'], 84) }} as online_orders_84d,
        {{ happened(['Product Shared'], 84) }} as shares_84d
    from activities
    group by
        customer_id,
        as_of_date
),

final as (
    select
        customers.customer_id,
        recorded.source_systems,
        customers.as_of_date,
        cast(measured.days_since_browsing as double) as days_since_browsing,
        {{ counted('measured.browsing_days_28d') }} as browsing_days_28d,
        {{ counted('measured.browsing_days_84d') }} as browsing_days_84d,
        {{ counted('measured.product_views_28d') }} as product_views_28d,
        {{ counted('measured.product_views_84d') }} as product_views_84d,
        {{ counted('measured.searches_84d') }} as searches_84d,
        {{ counted('measured.comparisons_84d') }} as comparisons_84d,
        {{ counted('measured.cart_adds_28d') }} as cart_adds_28d,
        {{ counted('measured.cart_adds_84d') }} as cart_adds_84d,
        {{ counted('measured.cart_removals_84d') }} as cart_removals_84d,
        {{ counted('measured.wishlist_adds_84d') }} as wishlist_adds_84d,
        {{ counted('measured.checkouts_84d') }} as checkouts_84d,
        {{ counted('measured.shares_84d') }} as shares_84d,
        {{ share_of('measured.online_orders_84d', 'measured.checkouts_84d') }} as checkout_completion_84d,
        {{ share_of('measured.cart_removals_84d', 'measured.cart_adds_84d') }} as cart_removal_share_84d
    from customers
    inner join recorded on customers.as_of_date = recorded.as_of_date
    left join measured
        on
            customers.customer_id = measured.customer_id
            and customers.as_of_date = measured.as_of_date
)

select * from final
