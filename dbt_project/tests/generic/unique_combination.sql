{# No two rows share the values of all these columns: the primary key of a model with a composite grain. #}
{% test unique_combination(model, column_names) %}
select {{ column_names | join(', ') }}
from {{ model }}
group by {{ column_names | join(', ') }}
having count(*) > 1
{% endtest %}
