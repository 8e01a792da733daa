{# An invariant that every row must satisfy; a null result counts as a failure. #}
{% test expression_is_true(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
