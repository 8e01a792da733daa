{{ config(enabled=is_enabled_source()) }}

{#
    What each system knows its people by. Nothing is linked here: an e-mail that two records share stands in two rows.
    Junk in valid form (test@test.com) stays too; which values link nobody is for identity to say.
#}
{% set sightings = digital_twin__sightings() %}

with visitors as (
    select * from {{ ref('base_digital_twin__visitor_accounts') }}
),

seen as (
    {% for table, customer_no, seen_at, identifiers in sightings %}
        {% for identifier_type, identifier_value, source_value in identifiers %}
            select
                {{ customer_no }} as customer_no,
                '{{ identifier_type }}' as identifier_type,
                {{ identifier_value }} as identifier_value,
                {{ source_value }} as source_value,
                {{ seen_at }} as first_seen_at,
                {{ seen_at }} as last_seen_at,
                loaded_at as first_loaded_at
            from {{ ref('base_digital_twin__' ~ table) }}
            where {{ digital_twin__names_somebody(table) }}
            union all
        {% endfor %}
    {% endfor %}
    select
        'shop:' || account_id as customer_no,
        'visitor' as identifier_type,
        {{ source_key('visitor_id') }} as identifier_value,
        visitor_id as source_value,
        first_seen_at,
        last_seen_at,
        first_loaded_at
    from visitors
    where account_id is not null
    union all
    select
        'guest:' || orders.email as customer_no,
        'visitor' as identifier_type,
        {{ source_key('visitors.visitor_id') }} as identifier_value,
        orders.visitor_no as source_value,
        orders.occurred_at as first_seen_at,
        orders.occurred_at as last_seen_at,
        greatest(orders.loaded_at, visitors.first_loaded_at) as first_loaded_at
    from {{ ref('base_digital_twin__shop_order_lines') }} as orders
    -- An order does not say whether it came from a browser or from the app; the events do.
    inner join visitors on orders.visitor_no = {{ text_part('visitors.visitor_id', ':', 2) }}
    where
        {{ digital_twin__names_somebody('shop_order_lines') }}
        and orders.account_id is null
),

grouped as (
    select
        {{ source_key('customer_no') }} as customer_key,
        identifier_type,
        identifier_value,
        min(source_value) as source_value,
        min(first_seen_at) as first_seen_at,
        max(last_seen_at) as last_seen_at,
        min(first_loaded_at) as first_loaded_at
    from seen
    where
        customer_no is not null
        and identifier_value is not null
    group by
        customer_no,
        identifier_type,
        identifier_value
),

final as (
    select
        {{ dbt.hash("customer_key || '|' || identifier_type || '|' || identifier_value") }} as customer_identifier_id,
        '{{ this_source() }}' as source_system,
        customer_key,
        identifier_type,
        identifier_value,
        source_value,
        first_seen_at,
        last_seen_at,
        first_loaded_at
    from grouped
)

select * from final
