"""The people behind the records: who they are, and the hidden traits that their behaviour follows from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.digital_twin.arrays import numbered_within
from simulation.digital_twin.clock import DAY, END, FIRST_DAY, WEEK, WEEKS
from simulation.digital_twin.households import Households
from simulation.digital_twin.names import GENDERS, LANGUAGES, family_names, given_names
from simulation.digital_twin.places import STREETS, TOWNS
from simulation.digital_twin.products import CATEGORY_PATHS
from simulation.digital_twin.randomness import Dice, Flags, Floats, Integers

MEMBERS = 4
# People of households and people without a card have ranges of numbers of their own.
LAST_HOUSEHOLD = 4_999
FIRST_WITHOUT_CARD = (LAST_HOUSEHOLD + 1) * MEMBERS

# Interests by language and gender: which categories one likes more, as factors.
_LIKED_BY_WOMEN = ("Beauty", "Fashion > Jewellery", "Fashion > Bags")
_LIKED_WITH_CHILDREN = ("Baby & Kids",)


@dataclass(frozen=True)
class People:
    """A block of people; all arrays have one element per person unless they say otherwise.

    Attributes
    ----------
    person
        Number of the person in the whole twin.
    household
        Place of the household in the block's register; -1 without a card.
    card
        The household's number if the person holds its card, else 0.
    member
        0 for the card holder and for people without a card, 1 to 3 for other members.
    family
        Number that the members of a household share; of those without a household their own.
    language, gender
        Places in ``LANGUAGES`` and ``GENDERS``.
    given, surname
        Places in the list of names of that language and gender.
    born
        Date of birth, milliseconds.
    town, street, street_kind, house
        Where the family lives first; places in the lists of `names`.
    moves_at
        When the person moves, milliseconds, New York; the end of the year or later if never.
    mail_domain
        Place in the list of domains of the language.
    shares_mailbox, shares_tablet
        Whether the family uses one address, one tablet.
    phone
        Seven digits; the area code is the first town's.
    interest
        Share of each category, shape (people, 24).
    price_sensitivity, loyalty, response, sharing, leaving
        From 0 to 1. ``leaving`` is the chance per year to turn away for good.
    activity
        Visits to the shop in an ordinary week; 0 for those who never browse.
    leaves_at
        When the person turns away, milliseconds, New York.
    channel
        Share of visits by web, app and mini-program, shape (people, 3).
    prefers_phone
        Whether web visits are made on the phone rather than the desktop.
    store_visits
        Share of the household's shopping that the person does.
    """

    person: Integers
    household: Integers
    card: Integers
    member: Integers
    family: Integers
    language: Integers
    gender: Integers
    given: Integers
    surname: Integers
    born: Integers
    town: Integers
    street: Integers
    street_kind: Integers
    house: Integers
    moves_at: Integers
    mail_domain: Integers
    shares_mailbox: Flags
    shares_tablet: Flags
    phone: Integers
    interest: NDArray[np.float32]
    price_sensitivity: Floats
    loyalty: Floats
    response: Floats
    sharing: Floats
    leaving: Floats
    activity: Floats
    leaves_at: Integers
    channel: Floats
    prefers_phone: Flags

    def __len__(self) -> int:
        return len(self.person)

    @property
    def has_household(self) -> Flags:
        """Whether the person belongs to a household with a card."""
        return self.household >= 0


def people_of_households(
    dice: Dice, households: Households, moved_house: float, rates: tuple[float, float, float]
) -> People:
    """Return the card holders and other members of some households.

    Numbers follow from the household's own, so that other households make no difference.

    Parameters
    ----------
    moved_house
        Share of people who move.
    rates
        Shares of families with one e-mail, of families with one tablet, and of recycled phones.
    """
    number = households.number
    size = np.where(households.size > 0, households.size, 1 + dice.pick((3, 4, 2, 1), "size", number))
    place, member = numbered_within(np.minimum(size, MEMBERS))
    return _people(
        dice,
        person=number[place] * MEMBERS + member,
        household=place,
        card=np.where(member == 0, number[place], 0),
        member=member,
        family=number[place],
        has_kids=households.has_kids[place],
        moved_house=moved_house,
        rates=rates,
    )


def people_without_card(
    dice: Dice, first: int, count: int, moved_house: float, rates: tuple[float, float, float]
) -> People:
    """Return people who only know the web shop, from the ``first`` of them on."""
    person = FIRST_WITHOUT_CARD + np.arange(first, first + count)
    return _people(
        dice,
        person=person,
        household=np.full(count, -1),
        card=np.zeros(count, dtype=np.int64),
        member=np.zeros(count, dtype=np.int64),
        family=person,
        has_kids=dice.chance(0.3, "kids", person),
        moved_house=moved_house,
        rates=rates,
    )


def _people(
    dice: Dice,
    *,
    person: Integers,
    household: Integers,
    card: Integers,
    member: Integers,
    family: Integers,
    has_kids: Flags,
    moved_house: float,
    rates: tuple[float, float, float],
) -> People:
    language = dice.pick((80, 8, 12), "language", family)
    # The second grown-up is mostly of the other gender; the third and fourth are anybody.
    partner = 1 - dice.index(2, "gender", family * MEMBERS)
    own = dice.index(2, "gender", person)
    gender = np.where(
        (member == 1) & (household >= 0),
        partner,
        np.where(member == 0, dice.index(2, "gender", family * MEMBERS), own),
    )
    given_counts = np.array([[len(given_names(each, gender)) for gender in GENDERS] for each in LANGUAGES])
    surnames = np.array([len(family_names(each)) for each in LANGUAGES])
    same_name = (member == 0) | dice.chance(0.9, "same surname", person)
    age = np.where(member >= 2, dice.between(15, 30, "age", person), dice.between(22, 78, "age", family))
    email, tablet, recycled = rates
    leaving = np.clip(0.22 + 0.16 * dice.normal("leaving", person), 0.01, 0.9)
    browses = dice.chance(np.where(household >= 0, 0.72, 1.0), "browses", person)
    response = np.clip(0.5 + 0.24 * dice.normal("response", person), 0.02, 0.98)
    return People(
        person=person,
        household=household,
        card=card,
        member=member,
        family=family,
        language=language,
        gender=gender,
        given=dice.index(given_counts[language, gender], "given", person),
        surname=dice.index(surnames[language], "surname", np.where(same_name, family * MEMBERS, person)),
        born=FIRST_DAY - (age * 365.25).astype(np.int64) * DAY,
        town=dice.index(len(TOWNS), "town", family),
        street=dice.index(len(STREETS), "street", family),
        street_kind=dice.index(7, "street kind", family),
        house=1 + dice.index(980, "house", family),
        moves_at=np.where(
            dice.chance(moved_house, "moves", family),
            FIRST_DAY + dice.index(300, "moved on", family) * DAY,
            END + WEEK,
        ),
        mail_domain=dice.pick((9, 5, 3, 2, 2, 2, 1), "mail domain", person),
        shares_mailbox=(household >= 0) & dice.chance(email, "mailbox", family),
        shares_tablet=(household >= 0) & dice.chance(tablet, "tablet", family),
        phone=_phones(dice, person, recycled),
        interest=_interest(dice, person, gender, has_kids),
        price_sensitivity=np.clip(0.5 + 0.25 * dice.normal("price", person), 0.0, 1.0),
        loyalty=np.clip(0.5 + 0.22 * dice.normal("loyalty", person), 0.0, 1.0),
        response=response,
        sharing=dice.uniform("sharing", person) ** 3,
        leaving=leaving,
        activity=_activity(dice, person, browses),
        leaves_at=_leaving(dice, person, leaving),
        channel=_channels(dice, person, language, age),
        prefers_phone=dice.chance(np.clip(0.9 - age / 100, 0.15, 0.8), "phone", person),
    )


def _activity(dice: Dice, person: Integers, browses: Flags) -> Floats:
    often: Floats = 0.34 * np.exp(0.9 * dice.normal("activity", person) - 0.3)
    return np.where(browses, often, 0.0)


def _interest(dice: Dice, person: Integers, gender: Integers, has_kids: Flags) -> NDArray[np.float32]:
    categories = np.arange(len(CATEGORY_PATHS))
    liking = 1.3 * dice.normal("interest", person[:, None], categories[None, :])
    by_women = np.array([path.startswith(_LIKED_BY_WOMEN) for path in CATEGORY_PATHS])
    with_children = np.array([path.startswith(_LIKED_WITH_CHILDREN) for path in CATEGORY_PATHS])
    liking += 1.0 * (gender == 0)[:, None] * by_women
    liking += np.where(has_kids[:, None], 1.3, -0.8) * with_children
    weight = np.exp(liking)
    return (weight / weight.sum(axis=1, keepdims=True)).astype(np.float32)


def _leaving(dice: Dice, person: Integers, leaving: Floats) -> Integers:
    """Return when each turns away: equally likely in every week, never before the second."""
    weekly = 1.0 - (1.0 - leaving) ** (1.0 / WEEKS)
    weeks = np.log1p(-dice.uniform("leaves", person)) / np.log1p(-weekly)
    return FIRST_DAY + WEEK + np.minimum(weeks, 10.0 * WEEKS).astype(np.int64) * WEEK


def _channels(dice: Dice, person: Integers, language: Integers, age: Floats) -> Floats:
    web = dice.between(0.3, 1.0, "web", person)
    app = dice.between(0.0, 1.2, "app", person) * dice.chance(
        np.clip(0.75 - age / 110, 0.08, 0.6), "has app", person
    )
    mini = dice.between(0.5, 2.0, "mini", person) * dice.chance(
        np.where(language == 1, 0.7, 0.02), "has mini", person
    )
    shares = np.stack([web, app, mini], axis=1)
    return shares / shares.sum(axis=1, keepdims=True)


def _phones(dice: Dice, person: Integers, recycled: float) -> Integers:
    """Return seven digits each, one to one; a recycled number is the one of the person two before."""
    earlier = person - 2
    owner = np.where(dice.chance(recycled, "recycled", person) & (earlier > 0), earlier, person)
    return 2_000_000 + (owner * 1_234_577) % 8_000_000
