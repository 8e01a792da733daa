{{ config(enabled=is_enabled_source()) }}

with source as (
    select * from {{ source('raw_febrl', 'persons') }}
),

tidied as (
    select
        *,
        {{ tidy_text('given_name') }} as tidy_given_name,
        {{ tidy_text('surname') }} as tidy_family_name,
        {{ tidy_text('suburb') }} as tidy_suburb
    from source
),

renamed as (
    select
        ---------- ids
        {{ clean_text('rec_id') }} as record_number,
        {{ clean_text('soc_sec_id') }} as national_number,
        ---------- strings
        {{ proper_name('tidy_given_name') }} as given_name,
        {{ proper_name('tidy_family_name') }} as family_name,
        {{ tidy_text('street_number') }} as house_number,
        {{ tidy_text('address_1') }} as street,
        {{ tidy_text('address_2') }} as building,
        {{ proper_name('tidy_suburb') }} as city,
        {{ clean_text('postcode') }} as postal_code,
        upper({{ clean_text('state') }}) as state_code,
        {{ clean_text('date_of_birth') }} as birth_date_text,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from tidied
),

{# The sets number their persons alike. With a trace of the national number the key tells the sets apart. #}
keyed as (
    select
        *,
        record_number || ':' || substring({{ dbt.hash('national_number') }}, 1, 6) as record_id,
        substring(birth_date_text, 1, 4) || '-' || substring(birth_date_text, 5, 2) || '-'
        || substring(birth_date_text, 7, 2) as written_birth_date
    from renamed
),

dated as (
    select
        *,
        {{ cast_or_null('written_birth_date', 'date') }} as birth_date
    from keyed
),

checked as (
    select
        *,
        -- No day of the calendar, and still what was told of this person.
        case when birth_date is null then written_birth_date end as stated_birth_date,
        {{ quarantine_reason([
            ['record_number is null or national_number is null', 'key is missing'],
        ]) }} as quarantine_reason
    from dated
)

select * from checked
