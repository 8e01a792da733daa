{# Points, invitations, consents and enquiries. #}
with loyalty_entries as (
    select
        'loyalty_entry:' || loyalty_entry_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        cast(null as {{ dbt.type_string() }}) as channel,
        case entry_type
            when 'earned' then 'Points Earned'
            when 'spent' then 'Points Spent'
            when 'expired' then 'Points Expired'
            when 'corrected' then 'Points Corrected'
        end as activity_type,
        loyalty_entry_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_loyalty_ledger') }}
),

invitations as (
    select
        'invitation:' || invitation_id as activity_id,
        source_system,
        inviter_customer_key as customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        channel,
        'Invitation Sent' as activity_type,
        invitation_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_invitations') }}
),

consents as (
    select
        'consent:' || consent_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        channel,
        case when is_granted then 'Consent Given' else 'Consent Withdrawn' end as activity_type,
        consent_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        valid_from_at as occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_consents') }}
),

leads as (
    select
        'lead:' || lead_id as activity_id,
        source_system,
        customer_key,
        cast(null as {{ dbt.type_string() }}) as visitor_key,
        lead_source as channel,
        'Enquiry Made' as activity_type,
        lead_id as subject_id,
        cast(null as {{ dbt.type_string() }}) as campaign_id,
        cast(null as {{ dbt.type_string() }}) as product_id,
        cast(null as decimal(18, 2)) as activity_amount,
        occurred_at,
        known_at,
        loaded_at
    from {{ ref('fct_leads') }}
),

final as (
    select * from loyalty_entries

    union all
    select * from invitations

    union all
    select * from consents

    union all
    select * from leads
)

select * from final
