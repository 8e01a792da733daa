"""A publication of three people, small enough to know by heart.

Anna: a loyalty card, a CRM contact and a guest order, one by one. Ben: a guest who gave Anna's address under
his own name. Carl: nothing to do with either.
"""

from __future__ import annotations

from orchestration.settings import Settings
from orchestration.warehouse import Connection, writing

_CARD, _EMAIL = "same loyalty card", "same e-mail address"
_SHARED = "shared by records of one customer"
_CONTRADICTS = "linking it would join what cannot be one person"
ANNA, BEN, CARL = "cust_anna", "cust_ben", "cust_carl"
_KEYS = [
    ("shop:card", ANNA),
    ("shop:crm", ANNA),
    ("shop:guest", ANNA),
    ("shop:ben", BEN),
    ("shop:carl", CARL),
]
_EDGES = [
    ("shop:card", None, "loyalty_card", "77", _CARD, 1, 0.999, "accepted", _SHARED),
    ("shop:crm", None, "loyalty_card", "77", _CARD, 1, 0.999, "accepted", _SHARED),
    ("shop:crm", None, "email", "a@x.org", _EMAIL, 3, 0.99, "accepted", _SHARED),
    ("shop:guest", None, "email", "a@x.org", _EMAIL, 3, 0.99, "accepted", _SHARED),
    ("shop:ben", None, "email", "a@x.org", _EMAIL, 3, 0.99, "rejected", _CONTRADICTS),
    ("shop:carl", None, "email", "c@x.org", _EMAIL, 3, 0.99, "accepted", "no other record has it"),
    ("shop:ben", "shop:carl", "probabilistic", None, "alike", 6, 0.41, "rejected", "not alike enough"),
]  # fmt: skip
_STEPS = [
    (ANNA, 1, "shop:card", None, None, None, None, 0, 1.0),
    (ANNA, 2, "shop:crm", "shop:card", _CARD, 1, "77", 1, 0.999),
    (ANNA, 3, "shop:guest", "shop:crm", _EMAIL, 3, "a@x.org", 1, 0.99),
    (BEN, 1, "shop:ben", None, None, None, None, 0, 1.0),
    (CARL, 1, "shop:carl", None, None, None, None, 0, 1.0),
]


def publish(settings: Settings) -> None:
    """Write the tables that explanations read to where readers find them."""
    with writing(settings) as connection:
        _write(connection)
    settings.published_dir.mkdir(parents=True, exist_ok=True)
    settings.build_path.replace(settings.published_path)


def _write(connection: Connection) -> None:
    connection.execute(
        """
        create schema identity;
        create schema core;
        create table identity.bdg_customer_keys (
            customer_key varchar, customer_id varchar, source_system varchar, home_source_system varchar,
            own_customer_id varchar
        );
        create table identity.bdg_customer_aliases as
            select 'cust_old' as alias_customer_id, 'cust_anna' as customer_id,
                'shop:guest' as anchor_customer_key, timestamp '2024-01-03' as retired_at;
        create table identity.bdg_identity_edges (
            customer_key varchar, other_customer_key varchar, identifier_type varchar,
            identifier_value varchar, rule_name varchar, priority integer, link_probability double,
            decision varchar, decision_reason varchar, evidence varchar, edge_id varchar
        );
        create table identity.fct_customer_build_steps (
            customer_id varchar, step_number bigint, customer_key varchar, joined_to_customer_key varchar,
            rule_name varchar, priority integer, evidence varchar, tie_count bigint, join_probability double,
            joined_at timestamp
        );
        create table identity.fct_customer_confidence as
            select 'cust_anna' as customer_id, 3 as record_count, 0.989 as confidence,
                'shop:guest' as weakest_customer_key, 'same e-mail address' as weakest_rule,
                'a@x.org' as weakest_evidence, 0.99 as weakest_probability;
        create table identity.fct_identity_changes as
            select 'merged' as change_type, 'cust_anna' as customer_id, 'cust_old' as other_customer_id,
                1 as record_count, 'same e-mail address: a@x.org' as cause,
                timestamp '2024-01-02' as effective_at, timestamp '2024-01-03' as changed_at,
                'c1' as change_id;
        create table identity.fct_contradicting_facts (
            customer_key varchar, fact_type varchar, fact_value varchar, other_fact_value varchar,
            group_key varchar
        );
        insert into identity.fct_contradicting_facts values
            ('shop:crm', 'name', 'anna|bell', 'ben|ash', 'g'),
            ('shop:ben', 'name', 'ben|ash', 'anna|bell', 'g');
        create table core.dim_customer_records (
            customer_key varchar, given_name varchar, family_name varchar, birth_date date,
            street_address varchar, postal_code varchar, city varchar
        );
        insert into core.dim_customer_records (customer_key, given_name, family_name) values
            ('shop:card', null, null), ('shop:crm', 'Anna', 'Bell'), ('shop:guest', null, null),
            ('shop:ben', 'Ben', 'Ash'), ('shop:carl', 'Carl', 'Ash');
        """
    )
    connection.executemany(
        "insert into identity.bdg_customer_keys values ($1, $2, 'shop', 'shop', 'own ' || $1)",
        [list(row) for row in _KEYS],
    )
    connection.executemany(
        "insert into identity.bdg_identity_edges values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'the evidence', ?)",
        [[*row, str(number)] for number, row in enumerate(_EDGES)],
    )
    connection.executemany(
        "insert into identity.fct_customer_build_steps values (" + "?, " * 9 + "timestamp '2024-01-01')",
        [list(row) for row in _STEPS],
    )
    connection.execute(
        "create table core.bdg_customer_identifiers as "
        "select customer_key, identifier_type, identifier_value "
        "from identity.bdg_identity_edges where identifier_value is not null"
    )
