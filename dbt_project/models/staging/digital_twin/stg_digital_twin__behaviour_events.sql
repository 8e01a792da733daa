{{ config(enabled=is_enabled_source()) }}

{#
    Web shop, app and mini-program under one name per event. Web shop and app say when a server received it: where the
    visitor's clock is ahead, it happened then at the latest.
#}
{% for channel, happened_at, known_at in [
    ('web', 'least(occurred_at, coalesce(received_at, occurred_at))', 'coalesce(received_at, occurred_at)'),
    ('app', 'least(occurred_at, coalesce(received_at, occurred_at))', 'coalesce(received_at, occurred_at)'),
    ('mini_program', 'occurred_at', 'occurred_at'),
] %}
    select
        ---------- ids
        '{{ this_source() }}:{{ channel }}:' || event_no as event_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('visitor_id') }} as visitor_key,
        '{{ this_source() }}:shop:' || account_id as customer_key,
        {{ source_key('sku') }} as product_id,
        {{ source_key('order_no') }} as order_id,
        ---------- strings
        '{{ channel }}' as channel,
        event_name,
        device_type,
        page_path,
        search_query,
        share_channel,
        ---------- numerics
        checkout_step,
        quantity,
        price_amount,
        cast(dwell_seconds as double) as dwell_seconds,
        ---------- timestamps
        {{ happened_at }} as occurred_at,
        {{ known_at }} as known_at,
        {{ local_from_utc(happened_at, "'America/New_York'") }} as occurred_at_local,
        loaded_at
    from {{ ref('base_digital_twin__' ~ channel ~ '_events') }}
    where quarantine_reason is null
    {{ 'union all' if not loop.last }}
{% endfor %}
