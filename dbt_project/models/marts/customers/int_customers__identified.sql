{#
    Who a customer is, by the golden record: masked, because many read the marts. In full it stays in identity. A birth date
    that contradicts the age band, which the more trusted source gave, is not shown.
#}
with golden_records as (
    select * from {{ ref('dim_golden_records') }}
),

household_members as (
    select * from {{ ref('bdg_household_members') }}
),

confidences as (
    select * from {{ ref('fct_customer_confidence') }}
),

accounts as (
    select * from {{ ref('bdg_customer_accounts') }}
    where is_main_account
),

orders as (
    select
        customer_id,
        count(*) as order_count,
        min(order_date) as first_order_date,
        max(order_date) as last_order_date
    from {{ ref('fct_customer_orders') }}
    where not is_return
    group by customer_id
),

{# Bands are written as 25-34, 65+ and the like. An age by the year of birth is known to within a year. #}
ages as (
    select
        golden_records.customer_id,
        cast(extract(year from golden_records.birth_date) as bigint) as birth_year,
        extract(year from as_of.as_of_date) - extract(year from golden_records.birth_date) as age_years,
        {{ cast_or_null(replace_pattern('golden_records.age_band', '[^0-9].*$'), 'integer') }} as youngest_years,
        {{ cast_or_null(replace_pattern('golden_records.age_band', '^[0-9]+[^0-9]+'), 'integer') }} as oldest_years
    from golden_records
    cross join {{ ref('int_as_of__resolved') }} as as_of
),

final as (
    select
        golden_records.customer_id,
        golden_records.home_source_system as source_system,
        golden_records.is_simulated,
        golden_records.has_simulated_records,
        golden_records.source_systems,
        golden_records.record_count,
        confidences.confidence as customer_confidence,
        golden_records.first_known_at,
        household_members.household_id,
        accounts.account_id,
        nullif({{ masked_name('golden_records.given_name', 'golden_records.family_name') }}, '') as masked_name,
        {{ masked_email('golden_records.email') }} as masked_email,
        {{ masked_phone('golden_records.phone') }} as masked_phone,
        golden_records.gender,
        case
            when ages.age_years < ages.youngest_years or ages.age_years - 1 > ages.oldest_years then null
            else ages.birth_year
        end as birth_year,
        golden_records.city,
        golden_records.postal_code,
        golden_records.country_code,
        golden_records.language,
        golden_records.age_band,
        golden_records.income_band,
        golden_records.home_ownership,
        golden_records.marital_status,
        golden_records.household_size,
        golden_records.household_composition,
        golden_records.kids_count,
        cast(coalesce(orders.order_count, 0) as bigint) as order_count_all_sources,
        orders.first_order_date as first_order_date_all_sources,
        orders.last_order_date as last_order_date_all_sources
    from golden_records
    inner join ages on golden_records.customer_id = ages.customer_id
    left join confidences on golden_records.customer_id = confidences.customer_id
    left join household_members on golden_records.customer_id = household_members.customer_id
    left join accounts on golden_records.customer_id = accounts.customer_id
    left join orders on golden_records.customer_id = orders.customer_id
)

select * from final
