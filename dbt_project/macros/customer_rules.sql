{# The seed `<source>__customer_rules` of the source whose folder the model stands in, as the entity `customer_rules`. #}
{% macro customer_rules_of_this_source() %}
    select
        '{{ this_source() }}' as source_system,
        cast(churn_min_shopping_days as integer) as churn_min_shopping_days,
        cast(churn_active_within_days as integer) as churn_active_within_days,
        cast(churn_horizon_days as integer) as churn_horizon_days,
        cast(new_within_days as integer) as new_within_days,
        cast(at_risk_after_days as integer) as at_risk_after_days,
        cast(dormant_after_days as integer) as dormant_after_days,
        cast(lost_after_days as integer) as lost_after_days,
        cast(loyal_window_days as integer) as loyal_window_days,
        cast(loyal_min_shopping_days as integer) as loyal_min_shopping_days
    from {{ ref(this_source() ~ '__customer_rules') }}
{% endmacro %}
