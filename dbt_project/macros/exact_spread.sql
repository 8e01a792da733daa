{#
    Standard deviation of whole numbers from their exact sums. The engines' own functions update a mean row by row, so
    that their last digit follows the order of rows, and with it every score that is trained on it.

    Set `is_sample` for the deviation estimated from a sample (divided by n - 1; empty for one value).
#}
{% macro exact_spread(column, is_sample=false) -%}
    sqrt(
        cast(count({{ column }}) * sum({{ column }} * {{ column }}) - sum({{ column }}) * sum({{ column }}) as double)
        / nullif(cast(count({{ column }}) as double) * (count({{ column }}) - {{ 1 if is_sample else 0 }}), 0)
    )
{%- endmacro %}
