{{ config(enabled=is_enabled_source()) }}

with leads as (
    select * from {{ latest_versions('base_olist__leads', ['lead_id']) }} as latest
),

closed_deals as (
    select * from {{ latest_versions('base_olist__closed_deals', ['lead_id']) }} as latest
),

final as (
    select
        ---------- ids
        {{ source_key('leads.lead_id') }} as lead_id,
        '{{ this_source() }}' as source_system,
        {{ source_key('closed_deals.seller_id') }} as account_id,
        ---------- strings
        leads.origin as lead_source,
        leads.landing_page_id as landing_page,
        -- Only won deals are told: whether another lead is still open or was given up is not known.
        case when closed_deals.lead_id is null then 'open' else 'converted' end as lead_status,
        ---------- booleans
        case when closed_deals.lead_id is not null then true end as is_qualified,
        closed_deals.lead_id is not null as is_converted,
        ---------- timestamps
        leads.occurred_at,
        closed_deals.won_at as converted_at,
        -- The source names the day of the contact alone: by the end of it the lead is known.
        {{ utc_from_local(days_after('leads.first_contact_date', 1), "'America/Sao_Paulo'") }} as known_at,
        greatest(leads.loaded_at, closed_deals.loaded_at) as loaded_at
    from leads
    left join closed_deals on leads.lead_id = closed_deals.lead_id
)

select * from final
