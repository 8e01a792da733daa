{# A table: the events are many, and two models want to know who was logged in where. #}
{{ config(enabled=is_enabled_source(), materialized='table') }}

with final as (
    {% for channel in ['web', 'app', 'mini_program'] %}
        select
            visitor_id,
            account_id,
            min(occurred_at) as first_seen_at,
            max(occurred_at) as last_seen_at,
            min(loaded_at) as first_loaded_at
        from {{ ref('base_digital_twin__' ~ channel ~ '_events') }}
        where quarantine_reason is null
        group by
            visitor_id,
            account_id
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
