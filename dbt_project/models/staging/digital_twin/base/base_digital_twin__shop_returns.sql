{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

{#
    A return says neither who returns nor what. Its order line does, so a return waits in quarantine until that line
    is there, and counts as loaded when both are.
#}
with source as (
    select * from {{ source('raw_digital_twin', 'shop_returns') }}
),

tidied as (
    select
        {{ clean_text('returnno') }} as return_no,
        {{ clean_text('orderno') }} as order_no,
        lineno as line_no,
        {{ integer_from_text('quantity') }} as quantity,
        {{ amount_from_text('refund') }} as refund_amount,
        {{ tidy_text('reason') }} as return_reason,
        {{ utc_from_millisecond_text('returnedat') }} as occurred_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        return_no,
        order_no,
        line_no,
        quantity,
        abs(refund_amount) as refund_amount,
        return_reason,
        occurred_at,
        loaded_at,
        batch_id
    from tidied
),

order_lines as (
    select *
    from {{ latest_versions('base_digital_twin__shop_order_lines', ['order_no', 'line_no']) }} as latest
),

checked as (
    select
        renamed.return_no,
        renamed.order_no,
        renamed.line_no,
        order_lines.account_id,
        order_lines.email,
        order_lines.sku,
        renamed.return_reason,
        renamed.quantity,
        renamed.refund_amount,
        renamed.occurred_at,
        greatest(renamed.loaded_at, coalesce(order_lines.loaded_at, renamed.loaded_at)) as loaded_at,
        renamed.batch_id,
        {{ quarantine_reason([
            ['renamed.return_no is null or renamed.order_no is null or renamed.line_no is null', 'key is missing'],
            ['renamed.quantity is null or renamed.quantity <= 0', 'quantity is missing, zero or negative'],
            ['renamed.refund_amount is null', 'refund is missing or cannot be read'],
            ['order_lines.order_no is null', 'the returned line is not known'],
        ] + time_rules(2016, 2018, 'renamed.occurred_at')) }} as quarantine_reason
    from renamed
    left join order_lines
        on
            renamed.order_no = order_lines.order_no
            and renamed.line_no = order_lines.line_no
)

select * from checked
