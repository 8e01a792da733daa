{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_complete_journey', 'campaign_descriptions') }}
),

renamed as (
    select
        ---------- ids
        campaign_id,
        ---------- strings
        {{ clean_text('campaign_type') }} as campaign_type,
        ---------- dates
        cast(start_date as date) as start_date,
        cast(end_date as date) as end_date,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['campaign_id is null', 'key is missing'],
            ['start_date is null or end_date is null', 'date is missing'],
            ['end_date < start_date', 'ends before it starts'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
