{#
    The first given name in the form in which names compare: small letters, accents gone, nothing but letters. Null
    where nothing is left.
#}
{% macro comparable_name(column_name) -%}
    nullif({{ replace_pattern(
        text_part("trim(" ~ plain_letters(column_name) ~ ")", " ", 1), '[^\\p{L}]+'
    ) }}, '')
{%- endmacro %}


{#
    Whether two comparable names can be one name: one is the beginning of the other, or they are a typo apart. A short
    name allows for fewer typos. Two letters that are exchanged are one typo. A name in another script says nothing about
    one in Latin letters. Names that differ in nothing but the ending that tells a man from a woman (Daniel and Daniela,
    Mario and Maria) are two. Variants such as Bob and Robert are for the seed `given_name_variants` to say.
#}
{% macro names_are_alike(name_a, name_b) -%}
    (
        {{ name_a }} = {{ name_b }}
        or {{ matches_pattern(name_a, '[^a-z]') }} <> {{ matches_pattern(name_b, '[^a-z]') }}
        or (
            not {{ _names_of_man_and_woman(name_a, name_b) }}
            and not {{ _names_of_man_and_woman(name_b, name_a) }}
            and (
                {{ name_a }} like {{ name_b }} || '%'
                or {{ name_b }} like {{ name_a }} || '%'
                or levenshtein({{ name_a }}, {{ name_b }}) <= case
                    when least(length({{ name_a }}), length({{ name_b }})) >= 7 then 2
                    when least(length({{ name_a }}), length({{ name_b }})) >= 4 then 1
                    else 0
                end
                or (
                    levenshtein({{ name_a }}, {{ name_b }}) = 2
                    and length({{ name_a }}) = length({{ name_b }})
                    and length({{ name_a }}) >= 4
                    and substring({{ name_a }}, 1, 1) = substring({{ name_b }}, 1, 1)
                    and translate({{ name_a }}, {{ name_b }}, '') = ''
                    and translate({{ name_b }}, {{ name_a }}, '') = ''
                )
            )
        )
    )
{%- endmacro %}


{% macro _names_of_man_and_woman(name_of_man, name_of_woman) -%}
    (
        {{ name_of_woman }} = {{ name_of_man }} || 'a'
        or (
            {{ name_of_man }} like '%o'
            and {{ name_of_woman }} = substring({{ name_of_man }}, 1, length({{ name_of_man }}) - 1) || 'a'
        )
    )
{%- endmacro %}
