{{ config(enabled=is_enabled_source()) }}

with invitations as (
    select * from {{ latest_states('base_digital_twin__invitations', ['invitation_code']) }} as latest
),

final as (
    select
        {{ source_key('invitation_code') }} as invitation_id,
        '{{ this_source() }}' as source_system,
        '{{ this_source() }}:loyalty:' || inviter_member_no as inviter_customer_key,
        '{{ this_source() }}:loyalty:' || invitee_member_no as invitee_customer_key,
        channel,
        accepted_at is not null as is_accepted,
        reward_points,
        occurred_at,
        accepted_at,
        occurred_at as known_at,
        loaded_at
    from invitations
)

select * from final
