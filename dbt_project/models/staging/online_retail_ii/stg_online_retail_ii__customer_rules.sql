{{ config(enabled=is_enabled_source()) }}

{{ customer_rules_of_this_source() }}
