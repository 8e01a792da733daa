{{ config(enabled=is_enabled_source(), materialized=kept_for_many_readers()) }}

with source as (
    select * from {{ source('raw_digital_twin', 'b2b_accounts') }}
),

industries as (
    select * from {{ ref('digital_twin__industries') }}
),

tidied as (
    select
        {{ clean_text('account_no') }} as company_no,
        {{ tidy_text('name') }} as company_name,
        trim(industry_code) as industry_code,
        replace({{ known_text('employees') }}, ',', '') as employees,
        {{ amount_from_short_text('potential') }} as potential_amount,
        lower({{ known_text('website') }}) as website,
        {{ tidy_text('city') }} as city,
        {{ tidy_text('country') }} as country_name,
        {{ utc_from_iso_text('created') }} as first_known_at,
        {{ utc_from_iso_text('modified') }} as last_changed_at,
        _loaded_at as loaded_at,
        _batch_id as batch_id
    from source
),

renamed as (
    select
        ---------- ids
        tidied.company_no,
        ---------- strings
        {{ company_name('tidied.company_name') }} as company_name,
        industries.industry_name as industry,
        {{ web_domain('tidied.website') }} as website_domain,
        {{ proper_name('tidied.city') }} as city,
        {{ country_code('tidied.country_name') }} as country_code,
        ---------- numerics
        {{ employee_count('tidied.employees') }} as employee_count,
        tidied.potential_amount,
        ---------- timestamps
        tidied.first_known_at,
        tidied.last_changed_at,
        tidied.loaded_at,
        tidied.batch_id
    from tidied
    left join industries on tidied.industry_code = industries.industry_code
),

checked as (
    select
        *,
        {{ quarantine_reason([
            ['company_no is null', 'key is missing'],
            ['company_name is null', 'name is missing'],
        ] + time_rules(2016, 2018, 'last_changed_at')) }} as quarantine_reason
    from renamed
)

select * from checked
