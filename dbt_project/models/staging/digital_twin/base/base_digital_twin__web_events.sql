{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

{# Nobody looks at a product for less than half a second; robots do, thousands of times. #}
with source as (
    select * from {{ source('raw_digital_twin', 'web_events') }}
),

event_names as (
    select
        source_event,
        event_name
    from {{ ref('digital_twin__event_names') }}
    where source_channel = 'web'
),

renamed as (
    select
        ---------- ids
        source.message_id as event_no,
        'web:' || nullif(source.anonymous_id, '') as visitor_id,
        nullif(source.user_id, '') as account_id,
        nullif(source.product_id, '') as sku,
        nullif(source.order_id, '') as order_no,
        ---------- strings
        event_names.event_name,
        nullif(source.context_device_type, '') as device_type,
        nullif(source.context_page_path, '') as page_path,
        nullif(source.query, '') as search_query,
        nullif(source.share_via, '') as share_channel,
        ---------- numerics
        {{ cast_or_null('source.step', 'bigint') }} as checkout_step,
        {{ cast_or_null('source.quantity', 'bigint') }} as quantity,
        {{ positive_amount(quick_amount_from_text('source.price')) }} as price_amount,
        cast({{ cast_or_null('source.time_on_page_ms', 'bigint') }} as double) / 1000 as dwell_seconds,
        ---------- timestamps
        {{ utc_from_iso_text('source.' ~ adapter.quote('timestamp')) }} as occurred_at,
        {{ utc_from_iso_text('source.received_at') }} as received_at,
        source._loaded_at as loaded_at,
        source._batch_id as batch_id
    from source
    left join event_names
        on case source.type when 'page' then 'page' else source.event end = event_names.source_event
),

checked as (
    select
        *,
        {{ quarantine_reason(digital_twin__event_rules(known_at='received_at') + [
            ['dwell_seconds < 0.5', 'robot: left the page within half a second'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
