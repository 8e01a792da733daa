{{ config(enabled=is_enabled_source()) }}

{# No churn population: nobody buys anything. #}
{{ customer_rules_of_this_source() }}
