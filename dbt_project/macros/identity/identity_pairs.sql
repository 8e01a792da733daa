{# Pairs of records that something other than a shared identifier speaks about: a probabilistic match, or a person's decision. #}
{% macro identity_pairs() %}
    select
        'probabilistic' as identifier_type,
        customer_key_a,
        customer_key_b,
        match_probability as link_probability,
        is_above_threshold as is_strong_enough,
        evidence,
        cast(null as timestamp) as decided_at
    from {{ source('matching', 'record_links') }}
    union all
    select
        decision as identifier_type,
        customer_key_a,
        customer_key_b,
        cast(case decision when 'must_link' then 1 else 0 end as double) as link_probability,
        true as is_strong_enough,
        decided_by || ': ' || reason as evidence,
        cast(effective_at as timestamp) as decided_at
    from {{ ref('identity_overrides') }}
{% endmacro %}
