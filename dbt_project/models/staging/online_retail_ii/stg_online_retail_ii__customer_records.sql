{{ config(enabled=is_enabled_source()) }}

{# All that the source tells about a customer is a number and, per invoice, a country. #}
with invoice_lines as (
    select * from {{ ref('base_online_retail_ii__invoice_lines') }}
    where
        quarantine_reason is null
        and customer_id is not null
),

final as (
    select
        {{ source_key('customer_id') }} as customer_key,
        '{{ this_source() }}' as source_system,
        min(occurred_at) as first_known_at,
        min(loaded_at) as first_loaded_at
    from invoice_lines
    group by customer_id
)

select * from final
