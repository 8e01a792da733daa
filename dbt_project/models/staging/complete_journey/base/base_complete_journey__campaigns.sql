{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_complete_journey', 'campaigns') }}
),

renamed as (
    select
        campaign_id,
        household_id,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['campaign_id is null or household_id is null', 'key is missing'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
