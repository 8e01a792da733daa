{# A table, not a view: records, order lines and quarantine read it. #}
{{ config(enabled=is_enabled_source(), materialized='table') }}

with source as (
    select * from {{ source('raw_olist', 'customers') }}
),

orders as (
    select distinct customer_id
    from {{ ref('base_olist__orders') }}
    where quarantine_reason is null
),

renamed as (
    select
        ---------- ids
        {{ clean_text('customer_id') }} as customer_id,
        {{ clean_text('customer_unique_id') }} as person_id,
        ---------- strings
        -- Kept as a number, a prefix has lost its leading zeros.
        substring(cast(100000 + customer_zip_code_prefix as {{ dbt.type_string() }}), 2, 5) as postal_code_prefix,
        {{ clean_text('customer_city') }} as city,
        upper({{ clean_text('customer_state') }}) as state_code,
        ---------- timestamps
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

{#
    Such a row is the address of one order. Without the order it has no time, and its person would look like one who never
    bought. Should the order come later, the row is taken in then.
#}
checked as (
    select
        renamed.*,
        {{ quarantine_reason([
            ['renamed.customer_id is null or renamed.person_id is null', 'key is missing'],
            ['orders.customer_id is null', 'order is not in the extract'],
        ]) }} as quarantine_reason
    from renamed
    left join orders on renamed.customer_id = orders.customer_id
)

select * from checked
