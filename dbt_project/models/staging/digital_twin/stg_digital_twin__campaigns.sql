{{ config(enabled=is_enabled_source()) }}

with campaigns as (
    select * from {{ latest_versions('base_digital_twin__channel_campaigns', ['campaign_code']) }} as latest
),

{#
    A campaign that the list does not name is known by what was sent for it, from the first day to the last: facts may
    not point to nothing.
#}
mentioned as (
    {% for table, mentioned_at in [
        ('email_events', 'occurred_at'),
        ('mobile_messages', 'sent_at'),
        ('ad_touches', 'occurred_at'),
        ('campaign_cells', 'occurred_at'),
    ] %}
        select
            campaign_code,
            min({{ mentioned_at }}) as first_mentioned_at,
            max({{ mentioned_at }}) as last_mentioned_at
        from {{ ref('base_digital_twin__' ~ table) }}
        where
            quarantine_reason is null
            and campaign_code is not null
        group by campaign_code
        union all
    {% endfor %}
    select
        campaign_code,
        cast(null as timestamp) as first_mentioned_at,
        cast(null as timestamp) as last_mentioned_at
    from campaigns
),

spanned as (
    select
        campaign_code,
        {{ local_from_utc('min(first_mentioned_at)', "'America/New_York'") }} as first_mentioned_at_local,
        {{ local_from_utc('max(last_mentioned_at)', "'America/New_York'") }} as last_mentioned_at_local
    from mentioned
    group by campaign_code
),

final as (
    select
        {{ source_key('spanned.campaign_code') }} as campaign_id,
        '{{ this_source() }}' as source_system,
        coalesce(campaigns.campaign_name, 'Campaign ' || spanned.campaign_code) as campaign_name,
        campaigns.channel as campaign_type,
        coalesce(campaigns.start_date, cast(spanned.first_mentioned_at_local as date)) as start_date,
        coalesce(campaigns.end_date, cast(spanned.last_mentioned_at_local as date)) as end_date
    from spanned
    left join campaigns on spanned.campaign_code = campaigns.campaign_code
)

select * from final
