{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'crm_contacts') }}
),

tidied as (
    select
        {{ clean_text('contactid') }} as contact_id,
        {{ tidy_text('firstname') }} as given_name,
        {{ tidy_text('lastname') }} as family_name,
        lower(trim(gender)) as gender,
        {{ time_from_text('birthdate', 'month_first') }} as birth_moment,
        email as source_email,
        phone as source_phone,
        {{ tidy_text('street') }} as street_address,
        {{ tidy_text('city') }} as city,
        {{ known_text('postcode') }} as postal_code,
        lower({{ tidy_text('country') }}) as country_name,
        {{ language_code('language') }} as language,
        {{ unpadded_number('cardno') }} as card_number,
        {{ time_from_text('createdon', 'month_first') }} as created_at_local,
        {{ time_from_text('modifiedon', 'month_first') }} as changed_at_local,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        ---------- ids
        contact_id,
        card_number,
        ---------- strings
        {{ proper_name('given_name') }} as given_name,
        {{ proper_name('family_name') }} as family_name,
        {{ decoded('gender', {'f': 'female', 'm': 'male', 'x': 'other'}) }} as gender,
        {{ email_address('source_email') }} as email,
        source_email,
        {{ phone_number('source_phone') }} as phone,
        source_phone,
        {{ proper_name('street_address') }} as street_address,
        {{ proper_name('city') }} as city,
        {{ postal_code('postal_code') }} as postal_code,
        {{ country_code('country_name') }} as country_code,
        language,
        ---------- dates and timestamps
        {{ birth_date('birth_moment') }} as birth_date,
        {{ utc_from_local('created_at_local', "'America/New_York'") }} as first_known_at,
        {{ utc_from_local('changed_at_local', "'America/New_York'") }} as last_changed_at,
        loaded_at,
        batch_id
    from tidied
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['contact_id is null', 'key is missing'],
        ] + time_rules(2016, 2018, 'last_changed_at')) }} as quarantine_reason
    from renamed
)

select * from checked
