{{ config(enabled=is_enabled_source()) }}

{# A household is a customer: the card belongs to its holder. Only 801 of them told anything about themselves. #}
with shoppers as (
    select
        household_id,
        min(occurred_at) as first_known_at,
        min(loaded_at) as first_loaded_at
    from {{ ref('base_complete_journey__transactions') }}
    where quarantine_reason is null
    group by household_id
),

demographics as (
    select * from {{ latest_versions('base_complete_journey__demographics', ['household_id']) }} as latest
),

recipients as (
    select
        household_id,
        min(loaded_at) as first_loaded_at
    from {{ ref('base_complete_journey__campaigns') }}
    where quarantine_reason is null
    group by household_id
),

redeemers as (
    select
        household_id,
        min(loaded_at) as first_loaded_at
    from {{ ref('base_complete_journey__coupon_redemptions') }}
    where quarantine_reason is null
    group by household_id
),

mentions as (
    select
        household_id,
        first_loaded_at
    from shoppers
    union all
    select
        household_id,
        loaded_at as first_loaded_at
    from demographics
    union all
    select
        household_id,
        first_loaded_at
    from recipients
    union all
    select
        household_id,
        first_loaded_at
    from redeemers
),

households as (
    select
        household_id,
        min(first_loaded_at) as first_loaded_at
    from mentions
    group by household_id
),

final as (
    select
        {{ source_key('households.household_id') }} as customer_key,
        '{{ this_source() }}' as source_system,
        shoppers.first_known_at,
        demographics.age_band,
        demographics.income_band,
        demographics.home_ownership,
        demographics.marital_status,
        demographics.household_size,
        demographics.household_composition,
        demographics.kids_count,
        households.first_loaded_at
    from households
    left join shoppers on households.household_id = shoppers.household_id
    left join demographics on households.household_id = demographics.household_id
)

select * from final
