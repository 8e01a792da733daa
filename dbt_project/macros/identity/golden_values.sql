{# What is known about a customer by one column of the records each. The parts of an address are chosen together. #}
{% macro golden_record_columns() %}
    {{ return([
        'given_name',
        'family_name',
        'gender',
        'birth_date',
        'language',
        'age_band',
        'income_band',
        'home_ownership',
        'marital_status',
        'household_size',
        'household_composition',
        'kids_count',
    ]) }}
{% endmacro %}


{# An address is one value: its parts always come from one record. #}
{% macro address_columns() %}
    {{ return(['street_address', 'city', 'postal_code', 'country_code']) }}
{% endmacro %}


{# The parts of an address as one text; null without any. #}
{% macro address_text() -%}
    nullif(substring(
        {%- for part in address_columns() %}
        {{ '|| ' if not loop.first }}coalesce(', ' || {{ part }}, '')
        {%- endfor %}, 3), '')
{%- endmacro %}


{# How many parts of an address are known. #}
{% macro address_completeness() -%}
    ({% for part in address_columns() %}
        {{- ' + ' if not loop.first }}case when {{ part }} is null then 0 else 1 end
    {%- endfor %})
{%- endmacro %}


{# What golden values come from the identifiers: the type of the identifier is the name of the attribute. #}
{% macro golden_identifier_types() %}
    {{ return(['email', 'phone']) }}
{% endmacro %}


{# The places of an attribute's survivorship rules: it has at most so many. #}
{% macro survivorship_rule_orders() %}{{ return([1, 2, 3, 4, 5]) }}{% endmacro %}


{#
    How good a candidate is by one survivorship rule, more being better. A rule that the attribute does not have makes
    all alike, so that the next one decides.
#}
{% macro survivorship_score(rule_name) -%}
    cast(case {{ rule_name }}
        when 'real_before_simulated' then case when candidates.is_simulated then 0 else 1 end
        when 'kept_profile' then case when candidates.is_profile then 1 else 0 end
        when 'preferred_system' then case
            when {{ dbt.position("' ' || candidates.record_system || ' '", "' ' || rules.record_systems || ' '") }} > 0
                then 1000 - {{ dbt.position(
                    "' ' || candidates.record_system || ' '", "' ' || rules.record_systems || ' '"
                ) }}
            else 0
        end
        when 'most_frequent' then candidates.record_count
        when 'most_recent' then coalesce(
            {{ seconds_between("timestamp '1900-01-01 00:00:00'", 'candidates.value_changed_at') }}, 0
        )
        when 'most_complete' then candidates.completeness
        else 0
    end as double)
{%- endmacro %}


{# A name as people write it: what stands all in capitals or all in small letters gets capitals at the beginnings. #}
{% macro name_as_written(column_name) -%}
    case
        when {{ column_name }} in (lower({{ column_name }}), upper({{ column_name }}))
            then {{ capitalised_beginnings(column_name) }}
        else {{ column_name }}
    end
{%- endmacro %}


{# Capitals at the beginning of every word, and after hyphens and apostrophes (character 39): Anne-Marie O'Brien. #}
{% macro capitalised_beginnings(column_name) -%}
    {%- set spread = "replace(replace(" ~ column_name ~ ", '-', '- '), chr(39), chr(39) || ' ')" -%}
    replace(replace({{ capitalised_words(spread) }}, '- ', '-'), chr(39) || ' ', chr(39))
{%- endmacro %}


{# Where a golden value comes from; the same for every attribute. #}
{% macro golden_provenance_columns(relation_alias) -%}
    {%- for column in [
        'customer_key',
        'source_system',
        'is_simulated',
        'rule_name',
        'value_changed_at',
        'candidate_count',
        'distinct_value_count',
    ] %}
            {{ relation_alias }}.{{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{# The sources that a relation with one column `in_<source>` for each names, in the order of the alphabet. #}
{% macro listed_sources(relation_alias) -%}
    substring(
        {%- for source in enabled_sources() | sort %}
        {{ '|| ' if not loop.first }}coalesce({{ relation_alias }}.in_{{ source }}, '')
        {%- endfor %}, 3)
{%- endmacro %}


{# Whether an identifier is one that people are reached by, of which the golden record believes one value. #}
{% macro is_golden_identifier(column_name) -%}
    {{ column_name }} in ('{{ golden_identifier_types() | join("', '") }}')
{%- endmacro %}


{# Whether the attribute is a part of an address. #}
{% macro is_address_column(column_name) -%}
    {{ column_name }} in ('{{ address_columns() | join("', '") }}')
{%- endmacro %}
