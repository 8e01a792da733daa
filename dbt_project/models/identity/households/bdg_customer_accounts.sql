{# The companies that a customer speaks for. Who is known to one twice stands there once, with the weightier role. #}
with contacts as (
    select * from {{ ref('bdg_account_contacts') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

ranked as (
    select
        customer_keys.customer_id,
        contacts.*,
        row_number() over (
            partition by customer_keys.customer_id, contacts.account_id
            order by
                case when contacts.is_decision_maker then 0 else 1 end,
                contacts.first_known_at desc,
                contacts.account_contact_id
        ) as contact_rank
    from contacts
    inner join customer_keys on contacts.customer_key = customer_keys.customer_key
),

final as (
    select
        customer_id,
        account_id,
        source_system,
        customer_key,
        contact_role,
        job_title,
        is_decision_maker,
        first_known_at,
        {# Of several companies the one that was named last: people change their employer. #}
        row_number() over (
            partition by customer_id
            order by first_known_at desc, account_id
        ) = 1 as is_main_account
    from ranked
    where contact_rank = 1
)

select * from final
