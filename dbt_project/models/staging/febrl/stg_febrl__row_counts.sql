{{ config(enabled=is_enabled_source()) }}

{{ landed_row_count('persons') }}
