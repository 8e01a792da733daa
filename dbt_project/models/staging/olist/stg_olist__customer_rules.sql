{{ config(enabled=is_enabled_source()) }}

{# No churn population: hardly anybody buys twice, so that a silence is the rule and no sign of leaving. #}
{{ customer_rules_of_this_source() }}
