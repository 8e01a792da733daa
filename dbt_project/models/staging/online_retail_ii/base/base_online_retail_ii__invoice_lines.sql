{# A table, not a view: four models read it, and cleaning a million lines costs more than keeping them. #}
{{ config(enabled=is_enabled_source(), materialized='table') }}

{# A line has no number of its own: next to the invoice, what it says is its key. #}
{% set content = [] %}
{% for column_name in [
    'stock_code',
    'customer_id',
    'description',
    'country',
    'quantity',
    'unit_price',
    'occurred_at_local',
] %}
    {% do content.append("coalesce(cast(" ~ column_name ~ " as " ~ dbt.type_string() ~ "), '')") %}
{% endfor %}

with source as (
    select * from {{ source('raw_online_retail_ii', 'invoice_lines') }}
),

fee_codes as (
    select
        stock_code,
        fee_kind
    from {{ ref('online_retail_ii__fee_codes') }}
),

renamed as (
    select
        ---------- ids
        {{ clean_text('invoice') }} as invoice_id,
        upper({{ clean_text('stockcode') }}) as stock_code,
        customerid as customer_id,
        ---------- strings
        {{ clean_text('description') }} as description,
        {{ clean_text('country') }} as country,
        ---------- numerics
        cast(quantity as bigint) as quantity,
        {{ exact_amount('price', 4) }} as unit_price,
        cast(round(quantity * {{ exact_amount('price', 4) }}, 2) as decimal(18, 2)) as sales_amount,
        ---------- booleans
        -- C cancels, A adjusts a bad debt: both take back what an invoice without a letter had sold.
        upper(trim(invoice)) like 'C%' or upper(trim(invoice)) like 'A%' as is_return,
        ---------- timestamps
        {{ utc_from_local('invoicedate', "'Europe/London'") }} as occurred_at,
        invoicedate as occurred_at_local,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

{#
    Nobody is named and nothing has a price: stock comes in or moves. Only a whole invoice tells, for sold ones have
    lines without a price too. Judged within its batch, so that no later batch changes what became of a line.
#}
stock_movements as (
    select
        invoice_id,
        batch_id
    from renamed
    group by
        invoice_id,
        batch_id
    having
        count(customer_id) = 0
        and min(unit_price) = 0
        and max(unit_price) = 0
),

keyed as (
    select
        *,
        {{ dbt.hash(content | join(" || '|' || ")) }} as content_hash
    from renamed
),

checked as (
    select
        keyed.*,
        {{ quarantine_reason([
            ['keyed.invoice_id is null or keyed.stock_code is null', 'key is missing'],
            ['keyed.occurred_at is null', 'time is missing'],
            ['keyed.occurred_at > keyed.loaded_at', 'dated after it was loaded'],
            ['keyed.quantity is null', 'quantity is missing'],
            ['keyed.unit_price is null', 'price is missing'],
            ["fee_codes.fee_kind = 'test_product'", 'test product'],
            ['stock_movements.invoice_id is not null and keyed.quantity < 0', 'stock correction, not a sale'],
            ['stock_movements.invoice_id is not null', 'invoice without customer and price, not a sale'],
            ['keyed.quantity < 0 and not keyed.is_return', 'quantity is negative on an invoice'],
            ["keyed.unit_price < 0 and coalesce(fee_codes.fee_kind, '') <> 'bad_debt'", 'price is negative'],
        ]) }} as quarantine_reason
    from keyed
    left join fee_codes on keyed.stock_code = fee_codes.stock_code
    left join stock_movements
        on
            keyed.invoice_id = stock_movements.invoice_id
            and keyed.batch_id = stock_movements.batch_id
)

select * from checked
