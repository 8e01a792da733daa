{{ config(enabled=is_enabled_source()) }}

{# A person has a row per order; the address of the last order is where they live now. #}
with customers as (
    select * from {{ latest_versions('base_olist__customers', ['customer_id']) }} as latest
),

orders as (
    select * from {{ latest_versions('base_olist__orders', ['order_id']) }} as latest
),

addresses as (
    select
        customers.person_id,
        customers.city,
        customers.postal_code_prefix,
        orders.occurred_at,
        customers.loaded_at,
        row_number() over (
            partition by customers.person_id
            order by
                orders.occurred_at desc,
                orders.order_id
        ) as address_rank
    from customers
    inner join orders on customers.customer_id = orders.customer_id
),

final as (
    select
        {{ source_key('person_id') }} as customer_key,
        '{{ this_source() }}' as source_system,
        min(occurred_at) as first_known_at,
        'marketplace' as record_system,
        min(case when address_rank = 1 then city end) as city,
        min(case when address_rank = 1 then postal_code_prefix end) as postal_code,
        'BR' as country_code,
        -- Nobody is asked for a language: all of the marketplace is in Portuguese.
        'pt' as language,
        max(occurred_at) as last_changed_at,
        min(loaded_at) as first_loaded_at
    from addresses
    group by person_id
)

select * from final
