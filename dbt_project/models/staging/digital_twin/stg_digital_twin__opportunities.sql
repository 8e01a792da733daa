{{ config(enabled=is_enabled_source()) }}

with opportunities as (
    select * from {{ latest_states('base_digital_twin__b2b_opportunities', ['opportunity_no']) }} as latest
),

final as (
    select
        {{ source_key('opportunity_no') }} as opportunity_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('lead_no') }} as lead_id,
        {{ source_key('company_no') }} as account_id,
        opportunity_name,
        opportunity_stage,
        expected_amount,
        win_probability,
        opportunity_stage in ('won', 'lost') as is_closed,
        opportunity_stage = 'won' as is_won,
        occurred_at,
        expected_close_date,
        closed_at,
        occurred_at as known_at
    from opportunities
)

select * from final
