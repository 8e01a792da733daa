{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'ad_touches') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('touch_id') }} as touch_no,
        {{ clean_text('campaign_code') }} as campaign_code,
        'web:' || {{ clean_text('cookie') }} as visitor_id,
        {{ clean_text('external_id') }} as account_id,
        ---------- strings
        lower(trim(platform)) as ad_platform,
        {{ clean_text('adgroup') }} as ad_group,
        {{ clean_text('creative') }} as creative,
        {{ decoded('kind', {'imp': 'impression', 'clk': 'click'}) }} as touch_type,
        upper(trim(currency)) as currency,
        ---------- numerics
        cast(cost_micros / 1000000.0 as decimal(18, 6)) as cost_amount,
        ---------- timestamps
        event_time as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['touch_no is null', 'key is missing'],
            ['touch_type is null', 'kind is not known'],
            ["coalesce(currency, '') <> 'USD'", 'currency is not USD'],
            ['cost_amount is null or cost_amount < 0', 'cost is missing or negative'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
