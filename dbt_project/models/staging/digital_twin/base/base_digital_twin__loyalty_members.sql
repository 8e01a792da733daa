{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'loyalty_members') }}
),

tidied as (
    select
        {{ clean_text('memberno') }} as member_no,
        {{ unpadded_number('cardno') }} as card_number,
        cardno as source_card_number,
        {{ tidy_text(text_part('name', ',', 2)) }} as given_name,
        {{ tidy_text(text_part('name', ',', 1)) }} as family_name,
        email as source_email,
        mobile as source_phone,
        replace(lower({{ tidy_text('follows') }}), '@', '') as social_profile,
        follows as source_handle,
        {{ time_from_text('birthday', 'day_first') }} as birth_moment,
        {{ time_from_text('joinedon', 'day_first') }} as joined_at_local,
        {{ time_from_text('changedat', 'day_first') }} as changed_at_local,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        ---------- ids
        member_no,
        card_number,
        source_card_number,
        ---------- strings
        {{ proper_name('given_name') }} as given_name,
        {{ proper_name('family_name') }} as family_name,
        {{ email_address('source_email') }} as email,
        source_email,
        {{ phone_number('source_phone') }} as phone,
        source_phone,
        {% for part in ['network', 'handle'] %}
            case
                when {{ matches_pattern('social_profile', '^[a-z]+ [^ ]+$') }}
                    then {{ text_part('social_profile', ' ', loop.index) }}
            end as {{ part }},
        {% endfor %}
        source_handle,
        ---------- dates and timestamps
        {{ birth_date('birth_moment') }} as birth_date,
        {{ utc_from_local('joined_at_local', "'America/New_York'") }} as first_known_at,
        {{ utc_from_local('changed_at_local', "'America/New_York'") }} as last_changed_at,
        loaded_at,
        batch_id
    from tidied
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['member_no is null', 'key is missing'],
        ] + time_rules(2016, 2018, 'last_changed_at')) }} as quarantine_reason
    from renamed
)

select * from checked
