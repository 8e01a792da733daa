{{ config(enabled=is_enabled_source()) }}

with campaigns as (
    select * from {{ latest_versions('base_digital_twin__channel_campaigns', ['campaign_code']) }} as latest
),

{# A campaign that the list no longer names is known by what was sent for it: facts may not point to nothing. #}
mentioned as (
    select campaign_code
    from {{ ref('base_digital_twin__email_events') }}
    where quarantine_reason is null
    union
    select campaign_code
    from {{ ref('base_digital_twin__mobile_messages') }}
    where quarantine_reason is null
    union
    select campaign_code
    from {{ ref('base_digital_twin__ad_touches') }}
    where quarantine_reason is null
    union
    select campaign_code
    from {{ ref('base_digital_twin__campaign_cells') }}
    where quarantine_reason is null
    union
    select campaign_code from campaigns
),

final as (
    select
        {{ source_key('mentioned.campaign_code') }} as campaign_id,
        '{{ this_source() }}' as source_system,
        coalesce(campaigns.campaign_name, 'Campaign ' || mentioned.campaign_code) as campaign_name,
        campaigns.channel as campaign_type,
        campaigns.start_date,
        campaigns.end_date
    from mentioned
    left join campaigns on mentioned.campaign_code = campaigns.campaign_code
    where mentioned.campaign_code is not null
)

select * from final
