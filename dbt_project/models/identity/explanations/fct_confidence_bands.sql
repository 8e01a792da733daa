{#
    How sure customers are, counted. Those of a single record have nothing to be unsure of and make a band of their own.
#}
{% set lower_limits = [0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995] %}
with confidence as (
    select * from {{ ref('fct_customer_confidence') }}
),

homes as (
    select distinct
        customer_id,
        home_source_system
    from {{ ref('bdg_customer_keys') }}
),

banded as (
    select
        homes.home_source_system as source_system,
        confidence.record_count,
        confidence.confidence,
        case
            when confidence.record_count = 1 then 0
            {% for limit in lower_limits | reverse %}
                when confidence.confidence >= {{ limit }} then {{ lower_limits | length - loop.index0 }}
            {% endfor %}
        end as band_number
    from confidence
    inner join homes on confidence.customer_id = homes.customer_id
),

limits as (
    {% for limit in lower_limits %}
        select
            {{ loop.index }} as band_number,
            cast({{ limit }} as double) as lower_limit,
            cast({{ lower_limits[loop.index] if not loop.last else 1 }} as double) as upper_limit
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (
    select
        banded.source_system,
        cast(banded.band_number as bigint) as band_number,
        limits.lower_limit,
        limits.upper_limit,
        cast(count(*) as bigint) as customer_count,
        cast(sum(banded.record_count) as bigint) as record_count,
        avg(banded.confidence) as mean_confidence
    from banded
    left join limits on banded.band_number = limits.band_number
    group by
        banded.source_system,
        banded.band_number,
        limits.lower_limit,
        limits.upper_limit
)

select * from final
