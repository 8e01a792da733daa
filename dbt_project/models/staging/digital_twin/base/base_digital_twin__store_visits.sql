{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'store_visits') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('visitid') }} as visit_no,
        {{ unpadded_number('storeno') }} as store_no,
        {{ known_text('devicehash') }} as device_hash,
        {{ unpadded_number('cardno') }} as card_number,
        cardno as source_card_number,
        ---------- strings
        {{ decoded('sensor', {
            'wifi': 'wifi', 'beacon': 'beacon', 'card': 'card', 'appt': 'appointment'
        }) }} as detection_method,
        ---------- timestamps
        {{ utc_from_local(time_from_text('inat', 'day_first'), "'America/New_York'") }} as occurred_at,
        {{ utc_from_local(time_from_text('outat', 'day_first'), "'America/New_York'") }} as left_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['visit_no is null', 'key is missing'],
            ['store_no is null', 'store is missing'],
            ['detection_method is null', 'sensor is not known'],
            ['left_at < occurred_at', 'left before arriving'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
