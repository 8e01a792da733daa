{# A table, not a view: all that belongs to an order asks for it. #}
{{ config(enabled=is_enabled_source(), materialized='table') }}

with source as (
    select * from {{ source('raw_olist', 'orders') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('order_id') }} as order_id,
        {{ clean_text('customer_id') }} as customer_id,
        ---------- strings
        lower({{ clean_text('order_status') }}) as order_status,
        ---------- timestamps
        order_purchase_timestamp as occurred_at_local,
        {{ utc_from_local('order_purchase_timestamp', "'America/Sao_Paulo'") }} as occurred_at,
        {{ utc_from_local('order_approved_at', "'America/Sao_Paulo'") }} as approved_at,
        {{ utc_from_local('order_delivered_carrier_date', "'America/Sao_Paulo'") }} as handed_over_at,
        {{ utc_from_local('order_delivered_customer_date', "'America/Sao_Paulo'") }} as delivered_at,
        {{ utc_from_local('order_estimated_delivery_date', "'America/Sao_Paulo'") }} as estimated_delivery_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

checked as (
    select
        *,
        coalesce(order_status in ('canceled', 'unavailable'), false) as is_cancelled,
        {{ quarantine_reason([
            ['order_id is null or customer_id is null', 'key is missing'],
            ['occurred_at is null', 'time is missing'],
            ['occurred_at > loaded_at', 'dated after it was loaded'],
            ['order_status is null', 'state of the order is missing'],
        ]) }} as quarantine_reason
    from renamed
)

select * from checked
