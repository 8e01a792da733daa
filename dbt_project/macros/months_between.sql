{# Calendar months from one date to another, whatever the day. #}
{% macro months_between(earlier_date, later_date) -%}
    12 * (extract(year from {{ later_date }}) - extract(year from {{ earlier_date }}))
    + extract(month from {{ later_date }}) - extract(month from {{ earlier_date }})
{%- endmacro %}
