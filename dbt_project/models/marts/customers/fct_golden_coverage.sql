{# How much is known of the customers, and how much of that a simulated source says. #}
with golden_values as (
    select * from {{ ref('fct_golden_values') }}
),

golden_records as (
    select * from {{ ref('dim_golden_records') }}
),

customers as (
    select
        home_source_system,
        count(*) as customer_count
    from golden_records
    group by home_source_system
),

known as (
    select
        golden_records.home_source_system,
        golden_values.attribute_name,
        golden_values.source_system as value_source_system,
        golden_values.is_simulated,
        count(*) as customer_count
    from golden_values
    inner join golden_records on golden_values.customer_id = golden_records.customer_id
    group by
        golden_records.home_source_system,
        golden_values.attribute_name,
        golden_values.source_system,
        golden_values.is_simulated
),

final as (
    select
        known.home_source_system as source_system,
        known.attribute_name,
        known.value_source_system,
        known.is_simulated,
        cast(known.customer_count as bigint) as customer_count,
        {{ share_of('known.customer_count', 'customers.customer_count') }} as customer_share
    from known
    inner join customers on known.home_source_system = customers.home_source_system
)

select * from final
