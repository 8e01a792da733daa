{{ config(enabled=is_enabled_source()) }}

{# The source tells of won deals alone; of one that is not won it never says that it was tried. #}
with closed_deals as (
    select * from {{ latest_versions('base_olist__closed_deals', ['lead_id']) }} as latest
),

leads as (
    select * from {{ latest_versions('base_olist__leads', ['lead_id']) }} as latest
),

final as (
    select
        ---------- ids
        {{ source_key('closed_deals.lead_id') }} as opportunity_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('closed_deals.lead_id') }} as lead_id,
        {{ source_key('closed_deals.seller_id') }} as account_id,
        ---------- strings
        coalesce(closed_deals.business_segment, 'seller')
        || coalesce(', ' || closed_deals.lead_type, '') as opportunity_name,
        'won' as opportunity_stage,
        ---------- booleans
        true as is_closed,
        true as is_won,
        ---------- timestamps
        -- When selling began is not told: with the first contact, at the earliest.
        least(leads.occurred_at, closed_deals.won_at) as occurred_at,
        closed_deals.won_at as closed_at,
        -- Before it was won, nothing was told of it.
        closed_deals.won_at as known_at
    from closed_deals
    left join leads on closed_deals.lead_id = leads.lead_id
)

select * from final
