"""Columns that are empty where the default source stands alone: names, visitors, what links records.

Tables that are empty without other sources are left out.
"""

from __future__ import annotations

WHERE = ("street_address", "city", "postal_code", "country_code")
WHO = ("given_name", "family_name", "gender", "birth_date", *WHERE, "language")
# Pairs of table and column.
FILLED_BY_OTHERS = {
    *(
        (name, column)
        for name in ("dim_customer_records", "int_customer_records__unioned")
        for column in ("record_system", *WHO, "last_changed_at")
    ),
    *((name, "visitor_key") for name in ("fct_activities", "int_activities__commerce")),
    *((name, "product_id") for name in ("fct_activities", "int_activities__commerce")),
    *(("int_activities__campaigns", column) for column in ("visitor_key", "product_id", "activity_amount")),
    ("fct_customer_activities", "product_id"),
    *(
        (name, column)
        for name in ("dim_customers", "int_customers__identified")
        for column in (
            "account_id",
            "masked_name",
            "masked_email",
            "masked_phone",
            "gender",
            "birth_year",
            "city",
            "postal_code",
            "country_code",
            "language",
        )
    ),
    *(("dim_golden_records", column) for column in (*WHO, "email", "phone")),
    *(("dim_households", column) for column in WHERE),
    ("bdg_household_members", "address_customer_key"),
    ("int_households__grouped", "home_address"),
    # No rule has ended yet.
    ("int_identity_rules__dated", "valid_to"),
    # Where each customer is one record, nothing links, and nobody has been another customer.
    *((name, "other_customer_key") for name in ("bdg_identity_edges", "int_identifier_edges__judged")),
    ("fct_customer_memberships", "previous_customer_id"),
    ("fct_customer_memberships", "valid_to"),
    *((name, "other_customer_id") for name in ("fct_identity_changes", "int_customer_changes__found")),
    *(("fct_confidence_bands", f"{name}_limit") for name in ("lower", "upper")),
    *(
        ("fct_customer_build_steps", column)
        for column in (
            "joined_to_customer_key",
            "priority",
            "rule_name",
            "identifier_type",
            "evidence",
            "link_probability",
        )
    ),
    *(
        ("fct_customer_confidence", f"weakest_{name}")
        for name in ("probability", "evidence", "rule", "customer_key")
    ),
    ("int_golden_candidates__collected", "record_system"),
}
