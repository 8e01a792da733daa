{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'app_events') }}
),

event_names as (
    select
        source_event,
        event_name
    from {{ ref('digital_twin__event_names') }}
    where source_channel = 'app'
),

renamed as (
    select
        ---------- ids
        source.event_uuid as event_no,
        'app:' || nullif(source.install_id, '') as visitor_id,
        nullif(source.account, '') as account_id,
        nullif(source.sku, '') as sku,
        nullif(source.order_ref, '') as order_no,
        ---------- strings
        event_names.event_name,
        case
            when source.device_model like 'iPad%' or source.device_model like 'SM-T%' then 'tablet'
            when source.device_model is not null then 'mobile'
        end as device_type,
        nullif(source.screen, '') as page_path,
        nullif(source.search_text, '') as search_query,
        nullif(source.shared_to, '') as share_channel,
        ---------- numerics
        source.checkout_step,
        source.qty as quantity,
        cast({{ positive_amount('source.price_cents') }} / 100.0 as decimal(18, 2)) as price_amount,
        source.dwell_s as dwell_seconds,
        ---------- timestamps
        {{ utc_from_count('source.ts_ms') }} as occurred_at,
        {{ utc_from_count('source.ingested_ms') }} as received_at,
        source._loaded_at as loaded_at,
        source._batch_id as batch_id
    from source
    left join event_names on source.event_type = event_names.source_event
),

checked as (
    select
        *,
        {{ quarantine_reason(digital_twin__event_rules(known_at='received_at')) }} as quarantine_reason
    from renamed
)

select * from checked
