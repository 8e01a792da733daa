{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_olist', 'closed_deals') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('mql_id') }} as lead_id,
        {{ clean_text('seller_id') }} as seller_id,
        ---------- strings
        lower({{ clean_text('business_segment') }}) as business_segment,
        lower({{ clean_text('lead_type') }}) as lead_type,
        lower({{ clean_text('business_type') }}) as business_type,
        ---------- numerics
        -- Zero stands for "not asked": nobody founds a shop to sell nothing.
        nullif({{ exact_amount('declared_monthly_revenue') }}, 0) as declared_monthly_revenue_amount,
        ---------- timestamps
        {{ utc_from_local('won_date', "'America/Sao_Paulo'") }} as won_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['lead_id is null or seller_id is null', 'key is missing'],
            ['won_at is null', 'time is missing'],
            ['won_at > loaded_at', 'dated after it was loaded'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
