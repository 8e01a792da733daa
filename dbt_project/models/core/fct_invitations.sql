select
    invitation_id,
    source_system,
    inviter_customer_key,
    invitee_customer_key,
    channel,
    is_accepted,
    reward_points,
    occurred_at,
    accepted_at,
    known_at,
    loaded_at
from {{ ref('int_invitations__unioned') }}
