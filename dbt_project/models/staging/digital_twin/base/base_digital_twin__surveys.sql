{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'surveys') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('responseid') }} as response_no,
        {{ known_text('orderno') }} as order_no,
        {{ known_text('ticketid') }} as ticket_no,
        ---------- strings
        {{ decoded('survey', {'nps': 'nps', 'csat': 'csat'}) }} as feedback_type,
        {{ email_address('email') }} as email,
        email as source_email,
        {{ tidy_text('comment') }} as feedback_text,
        {{ language_code('language') }} as language,
        ---------- numerics
        {{ integer_from_text('score') }} as score,
        case lower(trim(survey)) when 'nps' then 0 else 1 end as min_score,
        case lower(trim(survey)) when 'nps' then 10 else 5 end as max_score,
        ---------- timestamps
        {{ time_from_text('answeredon', 'month_name') }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['response_no is null', 'key is missing'],
            ['feedback_type is null', 'survey is not known'],
            ['score is null', 'score is missing or cannot be read'],
            ['score < min_score or score > max_score', 'score is out of range'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
