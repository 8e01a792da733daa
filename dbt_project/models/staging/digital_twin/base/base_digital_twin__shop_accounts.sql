{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

{% set profile = '^[a-z]+([.]com/|:)[^:/ ]+$' %}

with source as (
    select * from {{ source('raw_digital_twin', 'shop_accounts') }}
),

tidied as (
    select
        {{ clean_text('account_id') }} as account_id,
        {{ tidy_text('first_name') }} as given_name,
        {{ tidy_text('last_name') }} as family_name,
        email as source_email,
        phone as source_phone,
        {{ tidy_text('address_line') }} as street_address,
        {{ tidy_text('city') }} as city,
        {{ known_text('zip') }} as postal_code,
        {{ language_code('locale') }} as language,
        {#- A profile comes as network:handle, network:@handle or the address of its page. #}
        {{ replace_pattern("lower(" ~ tidy_text('social_login') ~ ")", '^https?://(www[.])?|@') }} as social_profile,
        social_login as source_handle,
        {{ replace_pattern('points_card', '[ -]') }} as card_digits,
        points_card as source_card_number,
        {{ utc_from_iso_text('created_at') }} as first_known_at,
        {{ utc_from_iso_text('updated_at') }} as last_changed_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        ---------- ids
        account_id,
        ---------- strings
        {{ proper_name('given_name') }} as given_name,
        {{ proper_name('family_name') }} as family_name,
        {{ email_address('source_email') }} as email,
        source_email,
        {{ phone_number('source_phone') }} as phone,
        source_phone,
        {{ proper_name('street_address') }} as street_address,
        {{ proper_name('city') }} as city,
        {{ postal_code('postal_code') }} as postal_code,
        language,
        case
            when {{ matches_pattern('social_profile', profile) }}
                then {{ replace_pattern('social_profile', '([.]com/|:).*$') }}
        end as network,
        case
            when {{ matches_pattern('social_profile', profile) }}
                then {{ replace_pattern('social_profile', '^[a-z]+([.]com/|:)') }}
        end as handle,
        source_handle,
        {{ unpadded_number('card_digits') }} as card_number,
        source_card_number,
        ---------- timestamps
        first_known_at,
        last_changed_at,
        loaded_at,
        batch_id
    from tidied
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['account_id is null', 'key is missing'],
        ] + time_rules(2016, 2018, 'last_changed_at')) }} as quarantine_reason
    from renamed
)

select * from checked
