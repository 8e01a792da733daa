{# What the readings of a mapping become: values from text, null where the text is none. See docs/add-a-source.md. #}


{#
    A wall-clock time, or a day, from text with the parts of its date in a declared order, never guessed: `day_first`,
    `month_first`, `year_first`, `month_name` (17-Mar-2024) or `compact` (20240317). Parts may lack their zero; a clock
    has seconds or not, and AM and PM or not.
#}
{% macro moment_from_text(column_name, layout) -%}
    {%- set text = "upper(trim(" ~ column_name ~ "))" -%}
    {%- set ending = '([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( ?[AP]M)?)?$' -%}
    {%- if layout == 'year_first' -%}
        case
            when {{ matches_pattern(text, '^[0-9]{4}[/-][0-9]{1,2}[/-][0-9]{1,2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?$') }}
                then {{ cast_or_null("replace(" ~ text ~ ", '/', '-')", 'timestamp') }}
        end
    {%- else -%}
        {%- set dates = {
            'day_first': '[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}',
            'month_first': '[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{4}',
            'month_name': '[0-9]{1,2}[./-][A-Z]{3}[./-][0-9]{4}',
            'compact': '[0-9]{8}',
        } -%}
        {# Some months have a T in their names: there, a blank alone parts the clock from the date. #}
        {%- set parted = ("'/-'", "'..'") if layout == 'month_name' else ("'/-T'", "'.. '") -%}
        case
            when {{ matches_pattern(text, '^' ~ dates[layout] ~ ending) }}
                then {{ moment_in_layout('translate(' ~ text ~ ', ' ~ parted | join(', ') ~ ')', layout) }}
        end
    {%- endif -%}
{%- endmacro %}


{# The UTC instant of a wall-clock time that stands in text, on the clock of an IANA time zone. #}
{% macro utc_from_text(column_name, layout, time_zone) -%}
    {{ utc_from_local(moment_from_text(column_name, layout), "'" ~ time_zone ~ "'") }}
{%- endmacro %}


{#
    A number from text whose decimal mark is declared, `point` or `comma`; the other mark parts thousands, and only
    those. Blanks, apostrophes, signs and codes of currencies are dropped; a minus stands before or after the number,
    or the number is in parentheses.
#}
{% macro decimal_from_text(column_name, mark, type='decimal(18, 2)') -%}
    {%- set thousands, decimal = (',', '.') if mark == 'point' else ('.', ',') -%}
    {%- set text = replace_pattern(
        replace_pattern(column_name, '[\\p{Sc}\\p{Zs}\\x27’]'), '^[A-Za-z]{3}|[A-Za-z]{3}$'
    ) -%}
    {%- set digits = replace_pattern(text, '^[(+-]+|[)-]+$') -%}
    {%- set plain = "replace(replace(" ~ digits ~ ", '" ~ thousands ~ "', ''), '" ~ decimal ~ "', '.')" -%}
    {%- set ending = '([' ~ decimal ~ '][0-9]*)?$' -%}
    {%- set grouped = '^[0-9]{1,3}([' ~ thousands ~ '][0-9]{3})+' ~ ending -%}
    case
        when {{ matches_pattern(digits, '^[0-9]+' ~ ending ~ '|' ~ grouped ~ '|^[' ~ decimal ~ '][0-9]+$') }}
            then {{ cast_or_null(plain, type) }}
    end
    * case when {{ matches_pattern(text, '^-|-$|^[(].*[)]$') }} then -1 else 1 end
{%- endmacro %}


{# True and false from the words and digits that exports write for them. #}
{% macro truth_from_text(column_name) -%}
    case
        when lower(trim({{ column_name }})) in ('true', 't', 'yes', 'y', '1', 'ja', 'j', 'oui', 'sim', 's', 'x') then true
        when lower(trim({{ column_name }})) in ('false', 'f', 'no', 'n', '0', 'nein', 'non', 'não', 'nao') then false
    end
{%- endmacro %}


{# Language, ISO 639-1, from a code or a locale: `EN`, `zh_CN`, `pt-br`. #}
{% macro language_from_text(column_name) -%}
    case
        when {{ matches_pattern('lower(trim(' ~ column_name ~ '))', '^[a-z]{2}([-_].*)?$') }}
            then substring(lower(trim({{ column_name }})), 1, 2)
    end
{%- endmacro %}


{#
    A phone number as E.164. A number without a country's code is one of `country`, ISO 3166-1 alpha-2; where that is not
    declared, or its plan of numbers is not known here, such a number is null.
#}
{% macro phone_number_in(column_name, country=none) -%}
    {%- set calling_codes = {
        'AT': '43', 'AU': '61', 'BE': '32', 'CH': '41', 'CZ': '420', 'DE': '49', 'DK': '45', 'ES': '34', 'FI': '358',
        'FR': '33', 'GB': '44', 'IE': '353', 'IT': '39', 'NL': '31', 'NO': '47', 'NZ': '64', 'PL': '48', 'PT': '351', 'SE': '46',
    } -%}
    {%- if country in ('US', 'CA') -%}
        {{ phone_number(column_name) }}
    {%- else -%}
        {%- set digits = replace_pattern(replace_pattern(column_name, '[(]0[)]'), '[^0-9+]') -%}
        {%- set national = calling_codes.get(country) -%}
        case
            when {{ matches_pattern('lower(' ~ column_name ~ ')', '[a-z@]') }} then null
            when {{ matches_pattern(digits, '^([+]|00)[1-9][0-9]{7,14}$') }}
                then '+' || {{ replace_pattern(digits, '^([+]|00)') }}
            {%- if country == 'IT' %}
            when {{ matches_pattern(digits, '^[03][0-9]{5,10}$') }} then '+39' || {{ digits }}
            {%- elif national in ('420', '45', '34', '47', '351', '48') %}
            when {{ matches_pattern(digits, '^[1-9][0-9]{7,8}$') }} then '+{{ national }}' || {{ digits }}
            {%- elif national %}
            when {{ matches_pattern(digits, '^0[1-9][0-9]{5,11}$') }} then '+{{ national }}' || {{ replace_pattern(digits, '^0') }}
            {%- endif %}
        end
    {%- endif -%}
{%- endmacro %}


{# A key of a row that has no other: a hash of all that it says. Rows that say the same have the same. #}
{% macro whole_row_key(column_names) -%}
    {%- set spelled = [] -%}
    {%- for name in column_names -%}
        {%- do spelled.append("coalesce(cast(" ~ name ~ " as " ~ dbt.type_string() ~ "), '')") -%}
    {%- endfor -%}
    {{ dbt.hash(spelled | join(" || '|' || ")) }}
{%- endmacro %}
