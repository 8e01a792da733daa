{# The grain of a model: no row lacks a part of its key, and no two rows share one. One query for both. #}
{% test primary_key(model, column_names) %}
select {{ column_names | join(', ') }}
from {{ model }}
group by {{ column_names | join(', ') }}
having
    count(*) > 1
    {%- for name in column_names %}
    or {{ name }} is null
    {%- endfor %}
{% endtest %}
