"""The companies that buy: accounts, contacts, leads and opportunities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin.arrays import stacked
from simulation.digital_twin.blocks import Rows
from simulation.digital_twin.clock import DAY, END, FIRST_DAY, HOUR, SYSTEMS_SINCE
from simulation.digital_twin.configuration import Dirt, TwinSettings
from simulation.digital_twin.names import family_names, given_names
from simulation.digital_twin.places import TOWNS
from simulation.digital_twin.randomness import Dice, Flags, Integers, scrambled
from simulation.digital_twin.records import phone_texts
from simulation.digital_twin.text import (
    NOTHING,
    choose,
    join,
    numbered,
    timestamps,
    where,
    whole_numbers,
)

_ACCOUNTS, _CONTACTS, _LEADS = 250, 500, 900
_INDUSTRIES = ("44-45", "72", "61", "62", "54", "23", "31-33", "81", "53", "71")
_SUFFIXES = (" Inc.", " LLC", ", Inc", " Co.", " Ltda", " Ltda.", " INC", "")
_FIRST = (
    "Riverside", "Summit", "Harbor", "Liberty", "Golden", "Blue Ridge", "Keystone", "Pioneer", "Evergreen",
    "Lakeside", "Beacon", "Heritage", "Atlas", "Crown", "Union",
)  # fmt: skip
_SECOND = (
    "Hotels", "Catering", "Interiors", "School", "Clinic", "Design", "Builders", "Foods", "Gifts", "Events",
    "Realty", "Fitness", "Salon", "Bakery", "Offices", "Retail",
)  # fmt: skip
_TITLES = (
    "VP Purchasing", "Buyer", "Office Manager", "Owner", "Comprador", "CEO", "Procurement Lead",
    "Gerente de Compras", "Head of Facilities", "Assistant",
)  # fmt: skip
_BANDS = ("1-9", "10-49", "50-99", "100-249", "250-999", "1000+")
_STAGES = ("Prospect", "Proposal", "Negotiation", "Closed Won", "Closed Lost")
_COUNTRIES = ("USA", "United States", "US", "Brasil")
_LANDING_PAGES = ("/business", "/business/gifts", "/business/offices", "/business/catering")
_MOMENT, _MINUTE = "YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DD hh:mm"


@dataclass(frozen=True)
class Companies:
    """The rows of the four tables, and the truth about their contacts: key and place of the company."""

    accounts: Rows
    contacts: Rows
    leads: Rows
    opportunities: Rows
    contact_keys: pa.Array
    works_for: Integers


@dataclass(frozen=True)
class _Market:
    """All companies and the people who buy for them; one element per company, per contact for the latter.

    Attributes
    ----------
    since, name, domain, keys, potential
        Of companies: when they became known (milliseconds, UTC), name, domain, key, potential from 0 to 89.
    works_for, contact_keys
        Of contacts: place of the company, key.
    """

    since: Integers
    name: pa.Array
    domain: pa.Array
    keys: pa.Array
    potential: Integers
    works_for: Integers
    contact_keys: pa.Array


def companies_of(settings: TwinSettings) -> Companies:
    """Draw the companies; their number grows with the scale up to 1 and no further."""
    share = min(settings.scale, 1.0)
    companies, people, leads = (max(4, round(count * share)) for count in (_ACCOUNTS, _CONTACTS, _LEADS))
    dice = Dice(settings.seed, "companies")
    account, contact = np.arange(companies), np.arange(people)
    first = dice.index(len(_FIRST), "first", account)
    second = dice.index(len(_SECOND), "second", account)
    hour = dice.index(9 * HOUR, "hour", account) + 13 * HOUR
    market = _Market(
        since=SYSTEMS_SINCE + dice.index(500, "since", account) * DAY + hour,
        name=join(choose(_FIRST, first), " ", choose(_SECOND, second)),
        domain=join(
            choose([word.lower().replace(" ", "") for word in _FIRST], first),
            choose([word.lower() for word in _SECOND], second),
            numbered("", account, 3),
            ".com",
        ),
        keys=numbered("B", scrambled(account, 6, 48_271, 3_109), 6),
        potential=dice.index(90, "potential", account),
        works_for=dice.index(companies, "works for", contact),
        contact_keys=numbered("BC", scrambled(contact, 6, 61_801, 777), 6),
    )
    lead = np.arange(leads)
    who = dice.index(people, "who", lead)
    created = FIRST_DAY + dice.index(END - FIRST_DAY - 30 * DAY, "lead", lead)
    decided = created + DAY + dice.index(28 * DAY, "decided", lead)
    potential = market.potential[market.works_for[who]]
    origin = dice.pick((4, 1, 2, 3, 1), "origin", lead)
    converts = dice.chance(0.15 + 0.35 * potential / 90 + 0.15 * (origin == 2), "converts", lead)
    pipeline = _Leads(who, market.works_for[who], created, decided, origin, converts)
    return Companies(
        accounts=_accounts(dice, market),
        contacts=_contacts(dice, market, settings.dirt),
        leads=_leads(dice, market, pipeline, settings.dirt),
        opportunities=_opportunities(dice, market, pipeline),
        contact_keys=market.contact_keys,
        works_for=market.works_for,
    )


@dataclass(frozen=True)
class _Leads:
    """Leads; one element each: contact, company, when it came and was decided, origin, success."""

    who: Integers
    account: Integers
    created: Integers
    decided: Integers
    origin: Integers
    converts: Flags


def _accounts(dice: Dice, market: _Market) -> Rows:
    account = np.arange(len(market.since))
    since = market.since
    changes = np.flatnonzero(dice.chance(0.3, "changes", account))
    changed = np.maximum(since[changes], FIRST_DAY) + dice.index(300, "changed", changes) * DAY + HOUR
    at, modified = stacked(account, changes), stacked(since, changed)
    kept = modified < END
    at, modified = at[kept], modified[kept]
    place, state = pa.array(at), (modified > since[at]).astype(np.int64)
    band = dice.index(len(_BANDS), "employees", account)[at]
    staff = np.array([4, 30, 70, 160, 400, 2400])[band] + at % 17
    potential = (2 + market.potential[at]) * (band + 1) * 5
    thousands = join("USD ", whole_numbers(potential), "k")
    millions = join(pa.array(np.round(potential / 1000, 2)).cast(pa.string()), "M")
    style, site = dice.index(3, "site", account)[at], market.domain.take(place)
    suffix = choose(_SUFFIXES, dice.index(len(_SUFFIXES), "suffix", at, state))
    columns = {
        "account_no": market.keys.take(place),
        "name": join(market.name.take(place), suffix),
        "industry_code": choose(_INDUSTRIES, dice.index(len(_INDUSTRIES), "industry", account)[at]),
        "employees": where(dice.chance(0.5, "band", at, state), choose(_BANDS, band), whole_numbers(staff)),
        "potential": where(potential > 900, millions, thousands),
        "website": where(style == 0, join("https://www.", site), where(style == 1, site, join("WWW.", site))),
        "city": choose([town[0] for town in TOWNS], dice.index(len(TOWNS), "town", account)[at]),
        "country": choose(_COUNTRIES, dice.pick((5, 4, 3, 1), "country", account)[at]),
        "created": timestamps(since[at], _MOMENT),
        "modified": timestamps(modified, _MOMENT),
    }
    return Rows.of(columns, modified, at * 4 + state)


def _contacts(dice: Dice, market: _Market, dirt: Dirt) -> Rows:
    contact = np.arange(len(market.works_for))
    given, family = given_names("en", "F") + given_names("en", "M"), family_names("en")
    first, last = dice.index(len(given), "given", contact), dice.index(len(family), "family", contact)
    plain = choose([name.lower().replace("'", "") for name in family], last)
    domain = market.domain.take(pa.array(market.works_for))
    email = join(choose([name[0].lower() for name in given], first), plain, "@", domain)
    email = spoil.spoilt(email, dirt.typos, spoil.mistyped_email, dice, "typo", contact)
    met = market.since[market.works_for] + dice.index(80, "met", contact) * DAY
    columns = {
        "contact_no": market.contact_keys,
        "account_no": market.keys.take(pa.array(market.works_for)),
        "name": join(choose(given, first), " ", choose(family, last)),
        "email": spoil.spoilt(
            email, dirt.malformed_emails, spoil.malformed_email, dice, "malformed", contact
        ),
        "phone": phone_texts(
            2_000_000 + dice.index(7_999_999, "phone", contact), dice.index(6, "style", contact)
        ),
        "title": choose(_TITLES, dice.index(len(_TITLES), "title", contact)),
        "created": timestamps(met, _MOMENT),
    }
    return Rows.of(columns, met, contact)


def _lead_keys(lead: Integers) -> pa.Array:
    return numbered("LD", scrambled(lead, 7, 314_159, 27), 7)


def _leads(dice: Dice, market: _Market, of: _Leads, dirt: Dirt) -> Rows:
    """Return every state of every lead; a company with potential converts more often."""
    lead = np.arange(len(of.who))
    worked = of.created + dice.index(20 * HOUR, "worked", lead) + HOUR
    begun, ends = np.flatnonzero(worked < END), np.flatnonzero(of.decided < END)
    at = stacked(lead, begun, ends)
    state = np.repeat([0, 1, 2], [len(lead), len(begun), len(ends)])
    modified = stacked(of.created, worked[begun], of.decided[ends])
    final = np.where(of.converts, 3, np.where(dice.chance(0.3, "qualified", lead), 2, 4))
    status = np.where(state == 0, 0, np.where(state == 1, 1, final[at]))
    unknown = dice.chance(dirt.unknown_references, "unknown company", at)
    account = where(unknown, "B999999", market.keys.take(pa.array(of.account[at])))
    columns = {
        "LeadID": _lead_keys(at),
        "ContactNo": where(state > 0, market.contact_keys.take(pa.array(of.who[at])), NOTHING),
        "AccountNo": where(state > 0, account, NOTHING),
        "Origin": choose(("WEB", "FAIR", "REFERRAL", "ADS", "PARTNER"), of.origin[at]),
        "LandingPage": choose(_LANDING_PAGES, at % len(_LANDING_PAGES)),
        "Status": choose(("New", "Working", "Qualified", "Converted", "Disqualified"), status),
        "CreatedAt": timestamps(of.created[at], _MINUTE),
        "ConvertedAt": timestamps(modified, _MINUTE, status != 3),
        "ModifiedAt": timestamps(modified, _MINUTE),
    }
    return Rows.of(columns, modified, at * 4 + state)


def _opportunities(dice: Dice, market: _Market, of: _Leads) -> Rows:
    """Return every state of the opportunities that converted leads became."""
    lead = np.flatnonzero(of.converts & (of.decided < END))
    account, created = of.account[lead], of.decided[lead]
    potential = market.potential[account]
    cents = (800 + potential * 260 + dice.index(9000, "amount", lead)) * 100
    later = [created + dice.index(12 * DAY, f"step {step}", lead) + step * 14 * DAY for step in (1, 2, 3)]
    steps = [created, *later]
    wins = dice.chance(0.35 + 0.3 * potential / 90, "wins", lead)
    parts = [np.flatnonzero(moment < END) for moment in steps]
    at = stacked(*parts)
    stage = np.repeat(np.arange(4), [len(part) for part in parts])
    modified = stacked(*(moment[part] for moment, part in zip(steps, parts, strict=True)))
    shown = np.where((stage == 3) & ~wins[at], 4, stage)
    percent = np.array([10, 40, 70, 100, 0])[shown]
    company = market.name.take(pa.array(account[at]))
    columns = {
        "OppID": numbered("OP", scrambled(lead[at], 7, 271_829, 5), 7),
        "LeadID": _lead_keys(lead[at]),
        "AccountNo": market.keys.take(pa.array(account[at])),
        "Name": join(company, " ", choose(("gifts", "fit-out", "catering", "supplies"), lead[at] % 4)),
        "Stage": choose(_STAGES, shown),
        "Amount": pa.array([f"USD {value / 100:,.2f}" for value in cents[at].tolist()], pa.string()),
        "Probability": join(whole_numbers(percent), "%"),
        "CreatedAt": timestamps(created[at], _MINUTE),
        "CloseDate": timestamps(steps[3][at], "YYYY-MM-DD"),
        "ClosedAt": timestamps(modified, _MINUTE, stage < 3),
        "ModifiedAt": timestamps(modified, _MINUTE),
    }
    return Rows.of(columns, modified, lead[at] * 4 + stage)
