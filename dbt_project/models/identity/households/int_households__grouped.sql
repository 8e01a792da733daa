{#
    Which customers live together, by the address that is believed of each.

    - A home of which a source tells is a household, with everybody at its address, whatever their name.
    - Elsewhere those of one family name at one address are a household.
    - An address of more customers than a home has, with several family names, is a block of flats or an office: it does
      not tell who lives with whom.
#}
{% set most_customers_of_a_home = 8 %}
with golden_records as (
    select * from {{ ref('dim_golden_records') }}
),

{# A source that tells how large households are knows households: each of its customers stands for one. #}
household_sources as (
    select distinct source_system
    from {{ ref('dim_customer_records') }}
    where household_size is not null
),

card_holders as (
    select distinct customer_keys.customer_id
    from {{ ref('bdg_customer_keys') }} as customer_keys
    inner join household_sources on customer_keys.source_system = household_sources.source_system
),

customers as (
    select
        golden_records.customer_id,
        {{ home_address('golden_records.street_address', 'golden_records.postal_code') }} as home_address,
        lower(golden_records.family_name) as family_key,
        card_holders.customer_id is not null as is_card_holder
    from golden_records
    left join card_holders on golden_records.customer_id = card_holders.customer_id
),

addresses as (
    select
        home_address,
        sum(case when is_card_holder then 1 else 0 end) as card_holder_count,
        count(*) > {{ most_customers_of_a_home }} and count(distinct family_key) > 1 as is_block_of_flats
    from customers
    where home_address is not null
    group by home_address
),

final as (
    select
        customers.customer_id,
        customers.home_address,
        case
            when customers.is_card_holder then 'household_of_source'
            when addresses.card_holder_count = 1 then 'address_of_household'
            else 'address_and_family_name'
        end as rule_name,
        case
            when addresses.card_holder_count = 1 and not addresses.is_block_of_flats
                then 'address|' || customers.home_address
            when not addresses.is_block_of_flats and customers.family_key is not null
                then 'family|' || customers.home_address || '|' || customers.family_key
            when customers.is_card_holder then 'customer|' || customers.customer_id
        end as household_group
    from customers
    left join addresses on customers.home_address = addresses.home_address
)

select * from final
where household_group is not null
