{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'invitations') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('code') }} as invitation_code,
        {{ known_text('member_no') }} as inviter_member_no,
        {{ known_text('invitee_member_no') }} as invitee_member_no,
        ---------- strings
        {{ email_address('invitee_email') }} as email,
        invitee_email as source_email,
        lower(trim(channel)) as channel,
        ---------- numerics
        {{ integer_from_text('bonus') }} as reward_points,
        ---------- timestamps
        {{ utc_from_iso_text('sent_at') }} as occurred_at,
        {{ utc_from_iso_text('joined_at') }} as accepted_at,
        {{ utc_from_iso_text('updated_at') }} as last_changed_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['invitation_code is null', 'key is missing'],
            ['inviter_member_no is null', 'member is missing'],
            ['last_changed_at is null', 'time of the change is missing or cannot be read'],
            ['inviter_member_no = invitee_member_no', 'member invited themselves'],
            ['accepted_at < occurred_at', 'accepted before it was sent'],
        ] + time_rules(2016, 2018)) }} as quarantine_reason
    from renamed
)

select * from checked
