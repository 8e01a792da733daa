{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_olist', 'leads') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('mql_id') }} as lead_id,
        {{ clean_text('landing_page_id') }} as landing_page_id,
        ---------- strings
        nullif(lower({{ clean_text('origin') }}), 'unknown') as origin,
        ---------- timestamps
        first_contact_date,
        {{ utc_from_local('first_contact_date', "'America/Sao_Paulo'") }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['lead_id is null', 'key is missing'],
            ['occurred_at is null', 'date is missing'],
            ['occurred_at > loaded_at', 'dated after it was loaded'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
