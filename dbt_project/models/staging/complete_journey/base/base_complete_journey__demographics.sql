{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_complete_journey', 'demographics') }}
),

renamed as (
    select
        ---------- ids
        household_id,
        ---------- strings
        {{ clean_text('age') }} as age_band,
        {{ clean_text('income') }} as income_band,
        {{ clean_text('home_ownership') }} as home_ownership,
        {{ clean_text('marital_status') }} as marital_status,
        {{ clean_text('household_size') }} as household_size,
        {{ clean_text('household_comp') }} as household_composition,
        {{ clean_text('kids_count') }} as kids_count,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['household_id is null', 'key is missing'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
