"""Who is who, for people: explanations, previews of changed rules, measured quality.

How records become customers is decided in SQL (`dbt_project/models/identity`); nothing here decides it.
"""
