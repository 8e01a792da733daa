{{ config(enabled=is_enabled_source(), materialized='table') }}

{{ quarantined_rows(
    'base_online_retail_ii__invoice_lines', 'invoice_lines', ['invoice_id', 'content_hash'],
    repeat_reason='exact duplicate',
) }}
