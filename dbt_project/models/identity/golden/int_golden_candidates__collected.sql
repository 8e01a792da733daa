{{ config(materialized='view') }}

{# Every value that any record of a customer holds, each with the record that holds it. What reaches nobody is none. #}
with customer_keys as (
    select * from {{ ref('bdg_customer_keys') }}
),

source_systems as (
    select * from {{ ref('dim_source_systems') }}
),

records as (
    select
        customer_keys.customer_id,
        source_systems.is_simulated,
        coalesce(records.given_name, records.family_name) is not null as is_profile,
        coalesce(records.last_changed_at, records.first_known_at) as changed_at,
        records.*
    from {{ ref('dim_customer_records') }} as records
    inner join customer_keys on records.customer_key = customer_keys.customer_key
    inner join source_systems on records.source_system = source_systems.source_system
),

identifiers as (
    select * from {{ ref('bdg_customer_identifiers') }}
),

blocked_values as (
    select * from {{ ref('int_blocked_values__listed') }}
),

collected as (
    {% for attribute in golden_record_columns() %}
        select
            customer_id,
            '{{ attribute }}' as attribute_name,
            customer_key,
            source_system,
            record_system,
            is_simulated,
            is_profile,
            cast({{ attribute }} as {{ dbt.type_string() }}) as attribute_value,
            lower(cast({{ attribute }} as {{ dbt.type_string() }})) as comparable_value,
            length(cast({{ attribute }} as {{ dbt.type_string() }})) as completeness,
            changed_at as value_changed_at
        from records
        where {{ attribute }} is not null
        union all
    {% endfor %}
    select
        customer_id,
        'address' as attribute_name,
        customer_key,
        source_system,
        record_system,
        is_simulated,
        is_profile,
        {{ address_text() }} as attribute_value,
        coalesce({{ home_address('street_address', 'postal_code') }}, lower({{ address_text() }})) as comparable_value,
        {{ address_completeness() }} as completeness,
        changed_at as value_changed_at
    from records
    where {{ address_completeness() }} > 0
    union all
    select
        records.customer_id,
        identifiers.identifier_type as attribute_name,
        records.customer_key,
        records.source_system,
        records.record_system,
        records.is_simulated,
        records.is_profile,
        identifiers.identifier_value as attribute_value,
        identifiers.identifier_value as comparable_value,
        length(identifiers.identifier_value) as completeness,
        coalesce(identifiers.last_seen_at, identifiers.first_seen_at) as value_changed_at
    from records
    inner join identifiers on records.customer_key = identifiers.customer_key
    left join blocked_values
        on
            identifiers.identifier_type = blocked_values.identifier_type
            and identifiers.identifier_value = blocked_values.identifier_value
    where
        {{ is_golden_identifier("identifiers.identifier_type") }}
        and blocked_values.identifier_value is null
),

final as (
    select
        customer_id,
        attribute_name,
        customer_key,
        source_system,
        record_system,
        is_simulated,
        is_profile,
        attribute_value,
        comparable_value,
        cast(completeness as bigint) as completeness,
        value_changed_at
    from collected
)

select * from final
