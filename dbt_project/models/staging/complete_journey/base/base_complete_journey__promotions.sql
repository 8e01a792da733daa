{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_complete_journey', 'promotions') }}
),

renamed as (
    select
        ---------- ids
        product_id,
        store_id,
        ---------- strings
        display_location,
        mailer_location,
        ---------- numerics
        week,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['product_id is null or store_id is null or week is null', 'key is missing'],
            ['display_location is null or mailer_location is null', 'placement is missing'],
            ['week < 1 or week > 53', 'week is out of range'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
