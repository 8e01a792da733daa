{{ config(enabled=is_enabled_source()) }}

{# What each system that knows a name tells about its people: the state that it changed last. #}
{% set types = {
    'given_name': 'string',
    'family_name': 'string',
    'gender': 'string',
    'birth_date': 'date',
    'street_address': 'string',
    'city': 'string',
    'postal_code': 'string',
    'country_code': 'string',
    'language': 'string',
    'first_known_at': 'timestamp',
    'last_changed_at': 'timestamp',
} %}
{% set person = ['gender', 'birth_date'] %}
{% set address = ['street_address', 'city', 'postal_code', 'country_code'] %}
{% set nothing_but_a_name = person + address + ['language'] %}
{% set names = {'given_name': given_part('full_name'), 'family_name': family_part('full_name')} %}
{% set known_once = dict(names, last_changed_at='first_known_at') %}
{% set asking = dict(names, first_known_at='occurred_at') %}

with contacts as (
    select * from {{ latest_states('base_digital_twin__crm_contacts', ['contact_id']) }} as latest
),

accounts as (
    select * from {{ latest_states('base_digital_twin__shop_accounts', ['account_id']) }} as latest
),

members as (
    select * from {{ latest_states('base_digital_twin__loyalty_members', ['member_no']) }} as latest
),

company_contacts as (
    select * from {{ latest_versions('base_digital_twin__b2b_contacts', ['contact_no']) }} as latest
),

{# Who asks without an account is known by what the last of the tickets says. #}
requesters as (
    select *
    from {{ latest_states('base_digital_twin__support_tickets', ['customer_no']) }} as latest
    where
        account_id is null
        and customer_no is not null
),

final as (
    {% for relation, record_system, key, untold, expressions in [
        ('contacts', 'crm', 'contact_id', [], {}),
        ('accounts', 'shop', 'account_id', person + ['country_code'], {}),
        ('members', 'loyalty', 'member_no', address + ['gender', 'language'], {}),
        ('company_contacts', 'company_contact', 'contact_no', nothing_but_a_name, known_once),
        ('requesters', 'support', 'coalesce(email, phone)', nothing_but_a_name, asking),
    ] %}
        select
            '{{ record_system }}:' || {{ key }} as customer_no,
            {% for name, type in types.items() %}
                cast({{ 'null' if name in untold else expressions.get(name, name) }} as {{ type }}) as {{ name }},
            {% endfor %}
            '{{ record_system }}' as record_system
        from {{ relation }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
