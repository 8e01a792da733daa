{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'mini_program_events') }}
),

event_names as (
    select
        source_event,
        event_name
    from {{ ref('digital_twin__event_names') }}
    where source_channel = 'mini_program'
),

renamed as (
    select
        ---------- ids
        source.id as event_no,
        'mini_program:' || nullif(source.openid, '') as visitor_id,
        nullif(source.unionid, '') as account_id,
        nullif(source.goods, '') as sku,
        nullif(source.order_sn, '') as order_no,
        ---------- strings
        event_names.event_name,
        'mobile' as device_type,
        nullif(source.page, '') as page_path,
        nullif(source.keyword, '') as search_query,
        nullif(source.share_to, '') as share_channel,
        ---------- numerics
        {{ cast_or_null('source.settle_step', 'bigint') }} as checkout_step,
        {{ cast_or_null('source.num', 'bigint') }} as quantity,
        {{ positive_amount(quick_amount_from_text('source.goods_price')) }} as price_amount,
        {{ cast_or_null('source.stay', 'double') }} as dwell_seconds,
        ---------- timestamps
        {{ utc_from_local(
            cast_or_null("replace(source." ~ adapter.quote('time') ~ ", '/', '-')", 'timestamp'), "'Asia/Shanghai'"
        ) }} as occurred_at,
        source._loaded_at as loaded_at,
        source._batch_id as batch_id
    from source
    left join event_names on source.{{ adapter.quote('action') }} = event_names.source_event
),

checked as (
    select
        *,
        {{ quarantine_reason(digital_twin__event_rules()) }} as quarantine_reason
    from renamed
)

select * from checked
