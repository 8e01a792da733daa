{{ config(enabled=is_enabled_source()) }}

{#
    The churn columns are null: simulated customers belong to no churn population. A model that learned from them
    would learn what the generator was told.
#}
{{ customer_rules_of_this_source() }}
