{{ config(enabled=is_enabled_source()) }}

with reviews as (
    select * from {{ latest_versions('base_digital_twin__reviews', ['review_no']) }} as latest
),

surveys as (
    select * from {{ latest_versions('base_digital_twin__surveys', ['response_no']) }} as latest
),

mentions as (
    select * from {{ latest_versions('base_digital_twin__social_mentions', ['post_no']) }} as latest
),

final as (
    select
        {{ source_key(["'review'", 'review_no']) }} as feedback_id,
        '{{ this_source() }}' as source_system,
        '{{ this_source() }}:shop:' || account_id as customer_key,
        'review' as feedback_type,
        'web' as channel,
        {{ source_key('sku') }} as product_id,
        {{ source_key('order_no') }} as order_id,
        cast(null as {{ dbt.type_string() }}) as ticket_id,
        cast(score as double) as score,
        cast(5 as double) as max_score,
        feedback_title,
        feedback_text,
        language,
        cast(null as bigint) as reach_count,
        occurred_at,
        occurred_at as known_at,
        loaded_at
    from reviews
    union all
    select
        {{ source_key(["'survey'", 'response_no']) }} as feedback_id,
        '{{ this_source() }}' as source_system,
        '{{ this_source() }}:survey:' || email as customer_key,
        feedback_type,
        'email' as channel,
        cast(null as {{ dbt.type_string() }}) as product_id,
        {{ source_key('order_no') }} as order_id,
        {{ source_key('ticket_no') }} as ticket_id,
        cast(score as double) as score,
        cast(max_score as double) as max_score,
        cast(null as {{ dbt.type_string() }}) as feedback_title,
        feedback_text,
        language,
        cast(null as bigint) as reach_count,
        occurred_at,
        occurred_at as known_at,
        loaded_at
    from surveys
    union all
    select
        {{ source_key(["'mention'", 'post_no']) }} as feedback_id,
        '{{ this_source() }}' as source_system,
        '{{ this_source() }}:social:' || network || ':' || handle as customer_key,
        'social_mention' as feedback_type,
        network as channel,
        {{ source_key('sku') }} as product_id,
        cast(null as {{ dbt.type_string() }}) as order_id,
        cast(null as {{ dbt.type_string() }}) as ticket_id,
        cast(null as double) as score,
        cast(null as double) as max_score,
        cast(null as {{ dbt.type_string() }}) as feedback_title,
        feedback_text,
        language,
        reach_count,
        occurred_at,
        occurred_at as known_at,
        loaded_at
    from mentions
)

select * from final
