{# What the warehouse holds, by entity and source. #}
{% set entities = {
    'accounts': 'dim_accounts',
    'account contacts': 'bdg_account_contacts',
    'ad touches': 'fct_ad_touches',
    'behaviour events': 'fct_behaviour_events',
    'campaigns': 'dim_campaigns',
    'campaign sends': 'fct_campaign_sends',
    'consents': 'fct_consents',
    'coupon products': 'bdg_coupon_products',
    'coupon redemptions': 'fct_coupon_redemptions',
    'customer identifiers': 'bdg_customer_identifiers',
    'customer records': 'dim_customer_records',
    'deliveries': 'fct_deliveries',
    'experiment assignments': 'fct_experiment_assignments',
    'feedback': 'fct_feedback',
    'invitations': 'fct_invitations',
    'leads': 'fct_leads',
    'loyalty entries': 'fct_loyalty_ledger',
    'loyalty levels': 'dim_loyalty_levels',
    'message events': 'fct_message_events',
    'opportunities': 'fct_opportunities',
    'orders': 'fct_orders',
    'order lines': 'fct_order_lines',
    'payments': 'fct_payments',
    'products': 'dim_products',
    'promotions': 'fct_promotions',
    'responses': 'fct_responses',
    'sessions': 'fct_sessions',
    'store visits': 'fct_store_visits',
    'stores': 'dim_stores',
    'ticket messages': 'fct_ticket_messages',
    'tickets': 'fct_tickets',
} %}
with counted as (
    {% for entity, model_name in entities.items() %}
        select
            '{{ entity }}' as entity,
            source_system,
            cast(count(*) as bigint) as row_count
        from {{ ref(model_name) }}
        group by source_system
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

source_systems as (
    select * from {{ ref('dim_source_systems') }}
),

final as (
    select
        counted.entity,
        counted.source_system,
        source_systems.is_simulated,
        counted.row_count
    from counted
    inner join source_systems on counted.source_system = source_systems.source_system
)

select * from final
