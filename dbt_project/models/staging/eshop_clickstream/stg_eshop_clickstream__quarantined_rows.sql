{{ config(enabled=is_enabled_source(), materialized='table') }}

{{ quarantined_rows('base_eshop_clickstream__clicks', 'clicks', ['session_id', 'click_number']) }}
