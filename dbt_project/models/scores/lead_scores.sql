{{ config(contract={'enforced': false}, meta={'is_generated': true}) }}

{# One column for each answer of each predictive model of leads: they follow from the label models. #}
{{ wide_scores('leads', 'lead_id') }}
