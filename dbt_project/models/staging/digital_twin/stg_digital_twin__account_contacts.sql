{{ config(enabled=is_enabled_source()) }}

with contacts as (
    select * from {{ latest_versions('base_digital_twin__b2b_contacts', ['contact_no']) }} as latest
),

accounts as (
    select account_id from {{ ref('stg_digital_twin__accounts') }}
),

job_roles as (
    select * from {{ ref('digital_twin__job_roles') }}
),

{# The first word of the list that a title holds tells the role: a VP of purchasing decides. #}
first_matches as (
    select
        contacts.contact_no,
        min(job_roles.priority) as priority
    from contacts
    inner join job_roles on {{ dbt.position('job_roles.keyword', "' ' || lower(contacts.job_title) || ' '") }} > 0
    group by contacts.contact_no
),

final as (
    select
        {{ source_key(['contacts.company_no', 'contacts.contact_no']) }} as account_contact_id,
        '{{ this_source() }}' as source_system,
        -- A contact may come before its company; until then it speaks for none.
        accounts.account_id,
        '{{ this_source() }}:company_contact:' || contacts.contact_no as customer_key,
        contacts.job_title,
        coalesce(job_roles.contact_role, 'user') as contact_role,
        coalesce(job_roles.contact_role, 'user') = 'decision_maker' as is_decision_maker,
        contacts.first_known_at
    from contacts
    left join accounts on {{ source_key('contacts.company_no') }} = accounts.account_id
    left join first_matches on contacts.contact_no = first_matches.contact_no
    left join job_roles on first_matches.priority = job_roles.priority
)

select * from final
