{{ config(enabled=is_enabled_source(), materialized='table') }}

{{ quarantined_rows('base_febrl__persons', 'persons', ['record_id']) }}
