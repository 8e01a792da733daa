{#
    The households above the persons. A household is named after the record of its members that the warehouse knew
    first, as customers are: it keeps its id while that member stays.
#}
with grouped as (
    select * from {{ ref('int_households__grouped') }}
),

customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

records as (
    select
        grouped.household_group,
        records.customer_key,
        row_number() over (
            partition by grouped.household_group
            order by records.first_loaded_at, {{ dbt.hash('records.customer_key') }}
        ) as record_rank
    from grouped
    inner join customer_keys on grouped.customer_id = customer_keys.customer_id
    inner join {{ ref('dim_customer_records') }} as records
        on customer_keys.customer_key = records.customer_key
),

households as (
    select
        household_group,
        'house_' || {{ dbt.hash('customer_key') }} as household_id
    from records
    where record_rank = 1
),

addresses as (
    select * from {{ ref('fct_golden_values') }}
    where attribute_name = 'street_address'
),

sized as (
    select
        *,
        count(*) over (partition by household_group) as member_count
    from grouped
),

final as (
    select
        sized.customer_id,
        households.household_id,
        sized.rule_name,
        case sized.rule_name
            when 'household_of_source' then 'a source tells of this home'
            when 'address_of_household' then 'lives where a source tells of a home'
            else 'one address and family name'
        end
        || coalesce(': ' || sized.home_address, '')
        || ', '
        || cast(sized.member_count as {{ dbt.type_string() }})
        || case when sized.member_count = 1 then ' member known' else ' members known' end as evidence,
        addresses.customer_key as address_customer_key,
        sized.rule_name <> 'household_of_source' and addresses.is_simulated as is_simulated
    from sized
    inner join households on sized.household_group = households.household_group
    left join addresses on sized.customer_id = addresses.customer_id
)

select * from final
