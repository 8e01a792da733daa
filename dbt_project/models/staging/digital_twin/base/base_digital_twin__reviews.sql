{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'reviews') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('review_id') }} as review_no,
        {{ known_text('account_id') }} as account_id,
        {{ known_text('order_no') }} as order_no,
        upper({{ known_text('sku') }}) as sku,
        ---------- strings
        {{ tidy_text('title') }} as feedback_title,
        {{ tidy_text(adapter.quote('text')) }} as feedback_text,
        {{ language_code('lang') }} as language,
        ---------- numerics
        {{ integer_from_text(text_part('stars', '/', 1)) }} as score,
        ---------- timestamps
        {{ utc_from_iso_text('created') }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['review_no is null', 'key is missing'],
            ['score is null', 'score is missing or cannot be read'],
            ['score < 1 or score > 5', 'score is out of range'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
