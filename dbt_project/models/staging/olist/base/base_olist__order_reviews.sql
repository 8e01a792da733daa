{{ config(enabled=is_enabled_source(), materialized='table') }}

with source as (
    select * from {{ source('raw_olist', 'order_reviews') }}
),

orders as (
    select
        order_id,
        min(occurred_at) as ordered_at
    from {{ ref('base_olist__orders') }}
    where quarantine_reason is null
    group by order_id
),

renamed as (
    select
        ---------- ids
        {{ clean_text('review_id') }} as review_id,
        {{ clean_text('order_id') }} as order_id,
        ---------- strings
        {{ clean_text('review_comment_title') }} as title,
        {{ clean_text('review_comment_message') }} as message,
        ---------- numerics
        review_score as score,
        ---------- timestamps
        {{ utc_from_local('review_creation_date', "'America/Sao_Paulo'") }} as asked_at,
        {{ utc_from_local('review_answer_timestamp', "'America/Sao_Paulo'") }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

{# Only the order tells whose review it is. Should it come later, the review is taken in then. #}
checked as (
    select
        renamed.*,
        {{ quarantine_reason([
            ['renamed.review_id is null or renamed.order_id is null', 'key is missing'],
            ['renamed.occurred_at is null', 'time is missing'],
            ['renamed.occurred_at > renamed.loaded_at', 'dated after it was loaded'],
            ['renamed.score is null', 'stars are missing'],
            ['renamed.score not between 1 and 5', 'stars are none of 1 to 5'],
            ['orders.order_id is null', 'order is not in the extract'],
            ['renamed.occurred_at < orders.ordered_at', 'answered before the order was placed'],
        ]) }} as quarantine_reason
    from renamed
    left join orders on renamed.order_id = orders.order_id
)

select * from checked
