{# Codes of standards for what sources spell in many ways. #}


{# Language, ISO 639-1, from a code, a locale or an English name: `EN`, `zh_CN`, `Portuguese`. #}
{% macro language_code(column_name) -%}
    {{ decoded(
        'substring(trim(' ~ column_name ~ '), 1, 2)', {'en': 'en', 'zh': 'zh', 'ch': 'zh', 'pt': 'pt', 'po': 'pt'}
    ) }}
{%- endmacro %}


{# Country, ISO 3166-1 alpha-2, from a name or code as people write it; null for what is neither. #}
{% macro country_code(column_name) -%}
    {%- set names = {
        'US': ['us', 'usa', 'u.s.', 'u.s.a.', 'united states', 'united states of america', 'estados unidos', '美国'],
        'BR': ['br', 'bra', 'brasil', 'brazil', '巴西'],
        'CN': ['cn', 'chn', 'china', 'p.r. china', 'pr china', '中国', '中國'],
        'CA': ['ca', 'can', 'canada'],
        'MX': ['mx', 'mex', 'mexico', 'méxico'],
        'PT': ['pt', 'prt', 'portugal'],
        'GB': ['gb', 'gbr', 'uk', 'united kingdom', 'great britain'],
        'DE': ['de', 'deu', 'germany', 'deutschland'],
        'HK': ['hk', 'hkg', 'hong kong', '香港'],
        'TW': ['tw', 'twn', 'taiwan', '台湾', '台灣'],
        'SG': ['sg', 'sgp', 'singapore'],
    } -%}
    case
        {%- for code, spellings in names.items() %}
        when lower(trim({{ column_name }})) in ('{{ spellings | join("', '") }}') then '{{ code }}'
        {%- endfor %}
    end
{%- endmacro %}
