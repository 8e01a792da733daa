{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'audience_responses') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('responseid') }} as response_no,
        {{ clean_text('deliveryid') }} as delivery_no,
        {{ clean_text('contactid') }} as contact_id,
        ---------- strings
        {{ decoded('kind', {
            'visit': 'visited', 'order': 'ordered', 'reply': 'replied', 'optout': 'opted_out'
        }) }} as response_type,
        ---------- numerics
        {{ amount_from_text(clean_text(adapter.quote('value'))) }} as response_amount,
        ---------- timestamps
        {{ utc_from_iso_text(adapter.quote('at')) }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['response_no is null or delivery_no is null', 'key is missing'],
            ['contact_id is null', 'contact is missing'],
            ['response_type is null', 'kind is not known'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
