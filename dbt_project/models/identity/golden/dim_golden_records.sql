{# The golden record: of each customer the values that are believed, and which records they come from. In full. #}
with customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

source_systems as (
    select * from {{ ref('dim_source_systems') }}
),

golden_values as (
    select * from {{ ref('fct_golden_values') }}
),

customers as (
    select
        customer_keys.customer_id,
        min(customer_keys.home_source_system) as home_source_system,
        cast(count(*) as bigint) as record_count,
        {% for source in enabled_sources() %}
            max(case when customer_keys.source_system = '{{ source }}' then ', {{ source }}' end) as in_{{ source }},
        {% endfor %}
        max(case when source_systems.is_simulated then 1 else 0 end) = 1 as has_simulated_records,
        min(records.first_known_at) as first_known_at
    from customer_keys
    inner join {{ ref('dim_customer_records') }} as records
        on customer_keys.customer_key = records.customer_key
    inner join source_systems on customer_keys.source_system = source_systems.source_system
    group by customer_keys.customer_id
),

{% set attributes = golden_record_columns() + address_columns() + golden_identifier_types() %}
believed as (
    select
        {% for attribute in attributes %}
            max(case when attribute_name = '{{ attribute }}' then attribute_value end) as {{ attribute }},
        {% endfor %}
        customer_id
    from golden_values
    group by customer_id
),

final as (
    select
        customers.customer_id,
        customers.home_source_system,
        source_systems.is_simulated,
        customers.has_simulated_records,
        customers.record_count,
        {{ listed_sources('customers') }} as source_systems,
        customers.first_known_at,
        believed.given_name,
        believed.family_name,
        believed.gender,
        cast(believed.birth_date as date) as birth_date,
        believed.street_address,
        believed.city,
        believed.postal_code,
        believed.country_code,
        believed.language,
        believed.email,
        believed.phone,
        believed.age_band,
        believed.income_band,
        believed.home_ownership,
        believed.marital_status,
        believed.household_size,
        believed.household_composition,
        believed.kids_count
    from customers
    inner join source_systems on customers.home_source_system = source_systems.source_system
    left join believed on customers.customer_id = believed.customer_id
)

select * from final
