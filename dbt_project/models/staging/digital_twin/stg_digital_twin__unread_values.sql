{{ config(enabled=is_enabled_source(), materialized='table') }}

{#
    Values that were written but cannot be read: the row stays, without the value. Not the rows of the quarantine, which
    lack what they cannot do without.
#}
{% set columns = {
    'crm_contacts': {
        'firstname': 'given_name', 'lastname': 'family_name', 'birthdate': 'birth_date', 'email': 'email',
        'phone': 'phone', 'country': 'country_code', 'cardno': 'card_number',
    },
    'shop_accounts': {
        'first_name': 'given_name', 'last_name': 'family_name', 'email': 'email', 'phone': 'phone',
        'social_login': 'handle', 'points_card': 'card_number',
    },
    'shop_products': {'weight': 'package_size', 'listprice': 'list_price'},
    'shop_order_lines': {'guestemail': 'email'},
    'shop_payments': {'method': 'payment_method', 'instalments': 'instalment_count'},
    'web_events': {'price': 'price_amount'},
    'app_events': {'price_cents': 'price_amount'},
    'mini_program_events': {'goods_price': 'price_amount'},
    'email_events': {'to': 'email'},
    'mobile_messages': {'recipient': 'recipient'},
    'store_visits': {'cardno': 'card_number', 'outat': 'left_at'},
    'support_tickets': {
        'requester_name': 'full_name', 'requester_email': 'email', 'requester_phone': 'phone',
        'category': 'ticket_topic', 'priority': 'ticket_priority',
    },
    'surveys': {'email': 'email'},
    'social_mentions': {'email_guess': 'email'},
    'loyalty_members': {
        'birthday': 'birth_date', 'email': 'email', 'mobile': 'phone', 'cardno': 'card_number', 'follows': 'handle',
    },
    'invitations': {'invitee_email': 'email'},
    'b2b_accounts': {
        'industry_code': 'industry', 'employees': 'employee_count', 'potential': 'potential_amount',
        'website': 'website_domain', 'country': 'country_code',
    },
    'b2b_contacts': {'email': 'email', 'phone': 'phone'},
    'b2b_opportunities': {'closedate': 'expected_close_date', 'probability': 'win_probability'},
    'audience_responses': {'value': 'response_amount'},
} %}

with counted as (
    {% for table, names in columns.items() %}
        {{ counts_of_unread_values(this_source(), table, names.items() | list) }}
        union all
    {% endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as source_table,
        cast(null as {{ dbt.type_string() }}) as column_name,
        0 as written_value_count,
        0 as unread_value_count
),

final as (
    select
        'digital_twin' as source_system,
        source_table,
        column_name,
        cast(written_value_count as bigint) as written_value_count,
        cast(unread_value_count as bigint) as unread_value_count
    from counted
    where unread_value_count > 0
)

select * from final
