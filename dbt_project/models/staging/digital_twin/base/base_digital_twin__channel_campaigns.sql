{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'channel_campaigns') }}
),

renamed as (
    select
        {{ clean_text('campaigncode') }} as campaign_code,
        {{ tidy_text('campaignname') }} as campaign_name,
        {{ decoded('channel', {
            'email': 'email', 'sms': 'sms', 'push': 'push', 'msg': 'messenger', 'ads': 'ads'
        }) }} as channel,
        {{ tidy_text('topic') }} as campaign_topic,
        {{ integer_from_text("replace(holdoutpercent, '%', '')") }} as holdout_percent,
        cast({{ time_from_text('startdate', 'day_first') }} as date) as start_date,
        cast({{ time_from_text('enddate', 'day_first') }} as date) as end_date,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['campaign_code is null', 'key is missing'],
            ['channel is null', 'channel is not known'],
            ['start_date is null or end_date is null', 'date is missing or cannot be read'],
            ['end_date < start_date', 'ends before it starts'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
