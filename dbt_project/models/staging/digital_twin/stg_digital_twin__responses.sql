{{ config(enabled=is_enabled_source()) }}

with responses as (
    select * from {{ latest_versions('base_digital_twin__audience_responses', ['response_no']) }} as latest
),

deliveries as (
    select
        delivery_id,
        loaded_at
    from {{ ref('stg_digital_twin__deliveries') }}
),

final as (
    select
        {{ source_key('responses.response_no') }} as response_id,
        '{{ this_source() }}' as source_system,
        -- A response may come before its delivery; until then it answers none.
        deliveries.delivery_id,
        '{{ this_source() }}:crm:' || responses.contact_id as customer_key,
        responses.response_type,
        responses.response_amount,
        responses.occurred_at,
        responses.occurred_at as known_at,
        greatest(responses.loaded_at, coalesce(deliveries.loaded_at, responses.loaded_at)) as loaded_at
    from responses
    left join deliveries on {{ source_key('responses.delivery_no') }} = deliveries.delivery_id
)

select * from final
