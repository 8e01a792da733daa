{{ config(enabled=is_enabled_source()) }}

{# The source has no catalogue: a clothing model is what most of its clicks say, a tie going to the lowest numbers. #}
with clicks as (
    select * from {{ ref('base_eshop_clickstream__clicks') }}
    where quarantine_reason is null
),

main_categories as (
    select * from {{ ref('eshop_clickstream__main_categories') }}
),

colours as (
    select * from {{ ref('eshop_clickstream__colours') }}
),

descriptions as (
    select
        clothing_model,
        main_category_number,
        colour_number,
        row_number() over (
            partition by clothing_model
            order by
                count(*) desc,
                main_category_number,
                colour_number
        ) as description_rank
    from clicks
    group by
        clothing_model,
        main_category_number,
        colour_number
),

final as (
    select
        {{ source_key('descriptions.clothing_model') }} as product_id,
        '{{ this_source() }}' as source_system,
        descriptions.clothing_model || ' (' || main_categories.main_category || ', ' || colours.colour || ')'
            as product_name,
        main_categories.main_category as source_category,
        main_categories.category_id
    from descriptions
    left join main_categories on descriptions.main_category_number = main_categories.main_category_number
    left join colours on descriptions.colour_number = colours.colour_number
    where descriptions.description_rank = 1
)

select * from final
