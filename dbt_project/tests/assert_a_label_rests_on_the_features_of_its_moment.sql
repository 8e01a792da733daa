{#
    The label is the only place that looks ahead. It must not choose whom it looks at by what came later, so each of its
    rows stands on the features of the same customer and moment; and it is known exactly where its whole horizon
    lies before "today" and before the end of what its source knows.
#}
with labels as (
    select * from {{ ref('label_customers__churn') }}
),

features as (
    select
        customer_id,
        as_of_date,
        recency_days
    from {{ ref('feat_customers__rhythm') }}
),

rules as (
    select * from {{ ref('int_customer_rules__unioned') }}
),

known_until as (
    select
        orders.source_system,
        least(min(as_of.as_of_date), {{ days_after('max(orders.order_date)', 1) }}) as known_until_date
    from {{ ref('fct_orders') }} as orders
    cross join {{ ref('int_as_of__resolved') }} as as_of
    group by orders.source_system
)

select
    labels.customer_id,
    labels.as_of_date,
    labels.churn_label
from labels
inner join known_until on labels.source_system = known_until.source_system
inner join rules on labels.source_system = rules.source_system
left join features
    on
        labels.customer_id = features.customer_id
        and labels.as_of_date = features.as_of_date
where
    features.customer_id is null
    or features.recency_days > rules.churn_active_within_days
    or labels.horizon_days <> rules.churn_horizon_days
    or (labels.churn_label is null)
    <> ({{ days_after('labels.as_of_date', 'rules.churn_horizon_days') }} > known_until.known_until_date)
