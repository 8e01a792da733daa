{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'campaign_cells') }}
),

renamed as (
    select
        {{ clean_text('campaigncode') }} as campaign_code,
        {{ clean_text('contactid') }} as contact_id,
        {{ decoded('cell', {'t': 'treatment', 'c': 'control'}) }} as variant,
        {{ time_from_text('assignedon', 'day_first') }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['campaign_code is null or contact_id is null', 'key is missing'],
            ['variant is null', 'cell is not known'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
