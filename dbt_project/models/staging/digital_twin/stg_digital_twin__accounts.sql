{{ config(enabled=is_enabled_source()) }}

with companies as (
    select * from {{ latest_states('base_digital_twin__b2b_accounts', ['company_no']) }} as latest
),

final as (
    select
        {{ source_key('company_no') }} as account_id,
        '{{ this_source() }}' as source_system,
        company_name as account_name,
        industry,
        employee_count,
        case
            when employee_count < 10 then 'micro'
            when employee_count < 50 then 'small'
            when employee_count < 250 then 'medium'
            when employee_count >= 250 then 'large'
        end as size_band,
        potential_amount,
        website_domain,
        city,
        country_code,
        first_known_at
    from companies
)

select * from final
