{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_olist', 'sellers') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('seller_id') }} as seller_id,
        ---------- strings
        lower({{ clean_text('seller_city') }}) as typed_city,
        substring(cast(100000 + seller_zip_code_prefix as {{ dbt.type_string() }}), 2, 5) as postal_code_prefix,
        upper({{ clean_text('seller_state') }}) as state_code,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

{# Sellers typed state and country behind the city, parted by all sorts of signs: what stands before the first is it. #}
tidied as (
    select
        *,
        trim({{ replace_pattern('typed_city', '( - |[/,(\\\\]).*$') }}) as city_part
    from renamed
),

checked as (
    select
        seller_id,
        -- A few typed an e-mail address or a postal code instead.
        case
            when {{ matches_pattern('city_part', '[@0-9]') }} then null
            else nullif(city_part, '')
        end as city,
        typed_city,
        postal_code_prefix,
        state_code,
        loaded_at,
        batch_id,
        {{ quarantine_reason([
            ['seller_id is null', 'key is missing'],
        ]) }} as quarantine_reason
    from tidied
)

select * from checked
