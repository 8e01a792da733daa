{#
    Leads that were still open, at each as-of date of the year after they came: how long ago, how leads from the same place
    and company had turned out by then, and what the person behind it did in any channel.
#}
with leads as (
    select * from {{ ref('int_leads__dated') }}
),

open_leads as (
    select * from leads
    where
        not was_converted
        and days_since_enquiry <= 365
),

outcomes as (
    select
        source_system,
        coalesce(lead_source, '') as lead_source,
        as_of_date,
        count(*) as lead_count,
        sum(case when was_converted then 1 else 0 end) as converted_count
    from leads
    group by
        source_system,
        coalesce(lead_source, ''),
        as_of_date
),

company_leads as (
    select
        open_leads.lead_id,
        open_leads.as_of_date,
        count(*) as company_leads,
        sum(case when leads.was_converted then 1 else 0 end) as company_conversions
    from open_leads
    inner join leads
        on
            open_leads.account_id = leads.account_id
            and open_leads.as_of_date = leads.as_of_date
            and open_leads.lead_id <> leads.lead_id
    group by
        open_leads.lead_id,
        open_leads.as_of_date
),

activities as (
    {{ dated_activities() }}
        and activity_days.is_by_customer
),

{# The lead itself is known from its own source, also where nothing else was done. #}
touches as (
    select
        open_leads.lead_id,
        open_leads.as_of_date,
        activities.source_system,
        activities.activity_count,
        activities.days_ago
    from open_leads
    inner join activities
        on
            open_leads.customer_id = activities.customer_id
            and open_leads.as_of_date = activities.as_of_date
    union all
    select
        lead_id,
        as_of_date,
        source_system,
        0 as activity_count,
        null as days_ago
    from open_leads
),

engagement as (
    select
        lead_id,
        as_of_date,
        {{ sorted_list('source_system') }} as source_systems,
        sum(activity_count) as activities_84d,
        min(days_ago) as days_since_activity
    from touches
    group by
        lead_id,
        as_of_date
),

final as (
    select
        open_leads.lead_id,
        engagement.source_systems,
        open_leads.as_of_date,
        open_leads.days_since_enquiry,
        cast(outcomes.lead_count as double) as leads_from_source,
        {{ share_of('outcomes.converted_count + 1', 'outcomes.lead_count + 2') }} as source_conversion_rate,
        {{ counted('company_leads.company_leads') }} as company_leads,
        {{ counted('company_leads.company_conversions') }} as company_conversions,
        cast(engagement.activities_84d as double) as activities_84d,
        cast(engagement.days_since_activity as double) as days_since_activity
    from open_leads
    inner join engagement
        on
            open_leads.lead_id = engagement.lead_id
            and open_leads.as_of_date = engagement.as_of_date
    inner join outcomes
        on
            open_leads.source_system = outcomes.source_system
            and open_leads.as_of_date = outcomes.as_of_date
            and coalesce(open_leads.lead_source, '') = outcomes.lead_source
    left join company_leads
        on
            open_leads.lead_id = company_leads.lead_id
            and open_leads.as_of_date = company_leads.as_of_date
)

select * from final
