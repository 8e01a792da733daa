{#
    Whether two birth dates, told as YYYY-MM-DD, cannot be one person's: more than two slips, unless day and month are
    exchanged or one of them tells the year alone, as 1 January does. What record linkage takes for different
    (ml/record_linkage/person_matching.yml) is the same.
#}
{% macro birth_dates_contradict(birth_date, other_birth_date) -%}
    {%- set parts = [] -%}
    {%- for date in [birth_date, other_birth_date] -%}
        {%- do parts.append({
            'year': 'substring(' ~ date ~ ', 1, 4)',
            'month': 'substring(' ~ date ~ ', 6, 2)',
            'day': 'substring(' ~ date ~ ', 9, 2)',
        }) -%}
    {%- endfor -%}
    (
        levenshtein({{ birth_date }}, {{ other_birth_date }}) > 2
        and not (
            {{ parts[0].year }} = {{ parts[1].year }}
            and (
                ({{ parts[0].month }} = {{ parts[1].day }} and {{ parts[0].day }} = {{ parts[1].month }})
                or ({{ parts[0].month }} = '01' and {{ parts[0].day }} = '01')
                or ({{ parts[1].month }} = '01' and {{ parts[1].day }} = '01')
            )
        )
    )
{%- endmacro %}
