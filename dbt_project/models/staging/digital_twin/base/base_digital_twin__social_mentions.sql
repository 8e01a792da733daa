{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'social_mentions') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('post_id') }} as post_no,
        upper({{ known_text('sku') }}) as sku,
        ---------- strings
        lower(trim(network)) as network,
        replace(lower({{ tidy_text('handle') }}), '@', '') as handle,
        handle as source_handle,
        {{ email_address('email_guess') }} as email,
        email_guess as source_email,
        {{ tidy_text(adapter.quote('text')) }} as feedback_text,
        {{ language_code('lang') }} as language,
        ---------- numerics
        followers as reach_count,
        ---------- timestamps
        {{ utc_from_millisecond_text('posted') }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['post_no is null or network is null', 'key is missing'],
            ['handle is null', 'author is missing'],
            ['feedback_text is null', 'text is missing'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
