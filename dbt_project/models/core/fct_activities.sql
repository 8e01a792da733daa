{{ config(**incremental_by_key('activity_id', partition_by='activity_month')) }}

{#
    The timeline: every touch of a customer, or of a visitor who may turn out to be one, in any channel. In order of
    `occurred_at`, then `activity_id`. Who the customer is, `bdg_customer_keys` says when the timeline is read, so that
    a merge of customers rewrites no row.
#}
{% set themes = ['behaviour', 'campaigns', 'commerce', 'membership', 'service'] %}
with activities as (
    {% for theme in themes %}
        select * from {{ ref('int_activities__' ~ theme) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

source_systems as (
    select * from {{ ref('dim_source_systems') }}
),

final as (
    select
        activities.activity_id,
        activities.source_system,
        source_systems.is_simulated,
        activities.customer_key,
        activities.visitor_key,
        activities.channel,
        activities.activity_type,
        activities.subject_id,
        activities.campaign_id,
        activities.product_id,
        activities.activity_amount,
        activities.occurred_at,
        activities.known_at,
        activities.loaded_at,
        cast({{ dbt.date_trunc('month', 'activities.occurred_at') }} as date) as activity_month
    from activities
    inner join source_systems on activities.source_system = source_systems.source_system
    where
        (activities.customer_key is not null or activities.visitor_key is not null)
        and {{ loaded_since_last_build('activities') }}
)

select * from final
