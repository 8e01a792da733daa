select
    category_id,
    category_name,
    department_id,
    department_name,
    is_perishable,
    is_counted_in_units,
    is_merchandise
from {{ ref('categories') }}
