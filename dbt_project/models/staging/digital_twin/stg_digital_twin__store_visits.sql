{{ config(enabled=is_enabled_source()) }}

with visits as (
    select * from {{ latest_versions('base_digital_twin__store_visits', ['visit_no']) }} as latest
),

final as (
    select
        {{ source_key('visit_no') }} as store_visit_id,
        '{{ this_source() }}' as source_system,
        '{{ this_source() }}:store:' || store_no as store_id,
        -- Whoever shows a card is its holder; a phone that nobody showed a card with is nobody yet.
        '{{ this_source() }}:card:' || card_number as customer_key,
        '{{ this_source() }}:device:' || device_hash as visitor_key,
        detection_method,
        {{ seconds_between('occurred_at', 'left_at') }} as dwell_seconds,
        occurred_at,
        left_at,
        coalesce(left_at, occurred_at) as known_at,
        loaded_at
    from visits
)

select * from final
