{# The leads that were known at each as-of date, and whether they had become customers by then. #}
with leads as (
    select * from {{ ref('fct_leads') }}
),

as_of_dates as (
    select * from {{ ref('int_as_of_dates__spined') }}
    where is_feature_date
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

final as (
    select
        leads.lead_id,
        leads.source_system,
        as_of_dates.as_of_date,
        customer_keys.customer_id,
        leads.account_id,
        leads.lead_source,
        {{ seconds_between('leads.occurred_at', 'as_of_dates.as_of_at') }} / 86400 as days_since_enquiry,
        coalesce(leads.converted_at < as_of_dates.as_of_at, false) as was_converted
    from leads
    inner join as_of_dates
        on
            leads.source_system = as_of_dates.source_system
            and {{ known_at_the_time('leads', 'as_of_dates') }}
    left join customer_keys on leads.customer_key = customer_keys.customer_key
)

select * from final
