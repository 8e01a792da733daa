{{ config(contract={'enforced': false}, meta={'is_generated': true}) }}

{# One column for each answer of each predictive model of customers: they follow from the label models. #}
{{ wide_scores('customers', 'customer_id') }}
