"""What happens within a visit: looking, comparing, trying on, filling the cart, checking out.

A visit is a sequence of considerations, one product each; every consideration goes through the same stages,
most of which it skips. Orders follow from the considerations whose product is in the cart at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.digital_twin.arrays import numbered_within
from simulation.digital_twin.blocks import Block
from simulation.digital_twin.clock import SECOND
from simulation.digital_twin.households import HINTED_CATEGORIES
from simulation.digital_twin.products import PER_CATEGORY, TRY_ON, catalogue
from simulation.digital_twin.randomness import Dice, Flags, Floats, Integers
from simulation.digital_twin.records import Records
from simulation.digital_twin.visits import Visits

EVENTS = (
    "Products Searched",
    "Product List Viewed",
    "Product Viewed",
    "Products Compared",
    "Product Tried On",
    "Product Added to Wishlist",
    "Product Removed from Wishlist",
    "Product Shared",
    "Product Added",
    "Product Removed",
    "Page Viewed",
    "Promotion Viewed",
    "Cart Viewed",
    "Checkout Started",
    "Checkout Step Viewed",
    "Checkout Step Completed",
    "Payment Info Entered",
    "Order Completed",
)
(SEARCHED, LISTED, VIEWED, COMPARED, TRIED_ON, WISHED, UNWISHED, SHARED, ADDED,
 REMOVED, PAGE, PROMOTION, CART, CHECKOUT, STEP_VIEWED, STEP_COMPLETED, PAYMENT,
 ORDERED) = range(len(EVENTS))  # fmt: skip
_MOST_CONSIDERATIONS = 14
# The stages of a consideration, in order; a product is at times viewed once more after the comparison.
_STAGES = np.array(
    [SEARCHED, LISTED, VIEWED, COMPARED, VIEWED, TRIED_ON, WISHED, UNWISHED, SHARED, ADDED, REMOVED]
)
_SECOND_VIEW = 4
# The steps of the checkout, in order; the last element of each pair is the step's number.
_CHECKOUT = (
    (CHECKOUT, 0), (STEP_VIEWED, 1), (STEP_COMPLETED, 1), (STEP_VIEWED, 2), (STEP_COMPLETED, 2), (PAYMENT, 3),
    (ORDERED, 0),
)  # fmt: skip


@dataclass(frozen=True)
class Considerations:
    """A product that was looked at in a visit; one element each.

    Attributes
    ----------
    visit, product
        Place of the visit; number of the product.
    key
        Number of the consideration; depends on the visit's number and the count alone.
    is_kept
        Whether the product is in the cart at the end of the visit.
    quantity
        Pieces, if it was put into the cart.
    """

    visit: Integers
    product: Integers
    key: Integers
    is_kept: Flags
    quantity: Integers


@dataclass(frozen=True)
class Events:
    """Events in the order of visits and of time within them; one element each.

    Attributes
    ----------
    visit, kind
        Place of the visit; place in ``EVENTS``.
    local
        Milliseconds, New York.
    product
        Number of the product; -1 without one.
    quantity
        Pieces; 0 where none are meant.
    step
        Step of the checkout; 0 where there is none.
    dwell
        Milliseconds spent there; 0 where it is not measured.
    place
        Place within the visit, from 0.
    """

    visit: Integers
    kind: Integers
    local: Integers
    product: Integers
    quantity: Integers
    step: Integers
    dwell: Integers
    place: Integers

    def __len__(self) -> int:
        return len(self.visit)


@dataclass(frozen=True)
class Browsing:
    """All that happened in the visits.

    Attributes
    ----------
    considerations, events
        See there.
    ordered
        When each visit's order was placed, milliseconds, New York; 0 without one. One element per visit.
    """

    considerations: Considerations
    events: Events
    ordered: Integers


def browsing_of(block: Block, visits: Visits, accounts: Records) -> Browsing:
    """Draw what happens in the visits."""
    dice, people = block.dice("browsing"), block.people
    row = visits.row
    bounce = dice.chance(0.18, "bounces", visits.key)
    more = np.log1p(-dice.uniform("looks", visits.key)) / np.log(0.58 + 0.2 * people.loyalty[row])
    count = np.where(bounce, 0, 1 + np.minimum(more, _MOST_CONSIDERATIONS - 1).astype(np.int64))
    visit, within = numbered_within(count)
    key = visits.key[visit] * _MOST_CONSIDERATIONS + within
    product = _products(block, dice, visits, visit, key=key, within=within)
    stages = _stages(block, dice, row[visit], key, product)
    quantity = 1 + dice.pick((82, 13, 4, 1), "quantity", key)
    kept = stages[:, -2] & ~stages[:, -1]
    considerations = Considerations(visit, product, key, kept, quantity)
    before, after = _around(block, dice, visits, considerations)
    events = _laid_out(dice, visits, considerations, stages, before=before, after=after)
    ordered = np.zeros(len(visits), dtype=np.int64)
    orders = events.kind == ORDERED
    ordered[events.visit[orders]] = events.local[orders]
    return Browsing(considerations, events, ordered)


def _products(
    block: Block, dice: Dice, visits: Visits, visit: Integers, *, key: Integers, within: Integers
) -> Integers:
    """Draw products: by interest or by what the household bought lately, often the same category again."""
    people, goods = block.people, catalogue(block.settings.seed)
    row = visits.row[visit]
    limits = np.cumsum(people.interest, axis=1)
    drawn = dice.uniform("category", key).astype(np.float32)
    category = np.minimum((limits[row] < drawn[:, None]).sum(axis=1), limits.shape[1] - 1)
    if len(block.past.hints):
        household = people.household[row]
        hints = np.where(household >= 0, block.past.hints[household, visits.week[visit]], 0)
        hinted = (hints > 0) & dice.chance(0.2, "hinted", key)
        category[hinted] = _hinted_category(
            hints[hinted], dice.bits("hint", key[hinted]).astype(np.int64) & 0xFFFF
        )
    stays = (within > 0) & dice.chance(0.55, "stays", key)
    start = np.where(stays, 0, np.arange(len(key)))
    category = category[np.maximum.accumulate(start)]
    rank = dice.uniform("product", key)
    place = (goods.popularity[category] < rank[:, None]).sum(axis=1)
    return category * PER_CATEGORY + np.minimum(place, PER_CATEGORY - 1)


def _hinted_category(hints: Integers, chance: Integers) -> Integers:
    """Return one of the categories that are hinted at, each as likely."""
    is_set = (hints[:, None] >> np.arange(len(HINTED_CATEGORIES))[None, :]) & 1
    wanted = chance % is_set.sum(axis=1)
    return HINTED_CATEGORIES[(np.cumsum(is_set, axis=1) <= wanted[:, None]).sum(axis=1)]


def _stages(block: Block, dice: Dice, row: Integers, key: Integers, product: Integers) -> Flags:
    """Draw which stages each consideration goes through, shape (considerations, stages)."""
    people, goods = block.people, catalogue(block.settings.seed)
    category = product // PER_CATEGORY
    liking = people.interest[row, category] / people.interest[row].max(axis=1)
    dear = np.clip(np.log(goods.cents[product] / 1500.0), -1.0, 1.5)
    wanting = 0.09 + 0.14 * liking + 0.08 * people.loyalty[row] - 0.08 * people.price_sensitivity[row] * dear
    wanting = np.clip(wanting * (0.55 + 0.6 * goods.quality[product]), 0.01, 0.9)
    # One draw per consideration decides several rare stages: their ranges do not overlap.
    first, second = dice.uniform("stages", key), dice.uniform("more stages", key)
    is_search = first < 0.3
    is_list = (first >= 0.3) & (first < 0.62)
    compares = dice.chance(0.08 + 0.12 * people.price_sensitivity[row], "compares", key)
    added = dice.chance(wanting, "adds", key)
    stages = np.zeros((len(key), len(_STAGES)), dtype=np.bool_)
    stages[:, 0], stages[:, 1], stages[:, 2], stages[:, 3] = is_search, is_list, True, compares
    stages[:, _SECOND_VIEW] = compares & (second < 0.6)
    stages[:, 5] = TRY_ON[category] & (dice.uniform("tries on", key) < 0.22)
    stages[:, 6] = ~added & (second > 0.93)
    stages[:, 7] = ~added & (second > 0.5) & (second < 0.506)
    stages[:, 8] = dice.chance(0.003 + 0.08 * people.sharing[row], "shares", key)
    stages[:, 9] = added
    stages[:, 10] = added & dice.chance(0.1 + 0.2 * people.price_sensitivity[row], "removes", key)
    return stages


def _around(block: Block, dice: Dice, visits: Visits, considerations: Considerations) -> tuple[Flags, Flags]:
    """Draw what comes before (page, promotion) and after (cart, checkout steps) the considerations."""
    people, key = block.people, visits.key
    pieces = np.bincount(considerations.visit, weights=considerations.is_kept, minlength=len(visits))
    has_cart = pieces > 0
    empty = np.bincount(considerations.visit, minlength=len(visits)) == 0
    before = np.stack([empty | dice.chance(0.55, "page", key), dice.chance(0.15, "promotion", key)], axis=1)
    starts = has_cart & dice.chance(0.45 + 0.3 * people.loyalty[visits.row], "checks out", key)
    # How far the checkout gets: seven stages, most give up before the payment if at all.
    reached = 1 + dice.pick((4, 3, 2, 6, 2, 4, 79), "reaches", key)
    after = np.zeros((len(visits), 1 + len(_CHECKOUT)), dtype=np.bool_)
    after[:, 0] = dice.chance(np.where(has_cart, 0.8, 0.03), "cart", key)
    after[:, 1:] = starts[:, None] & (np.arange(len(_CHECKOUT))[None, :] < reached[:, None])
    return before, after


def _laid_out(
    dice: Dice, visits: Visits, considerations: Considerations, stages: Flags, *, before: Flags, after: Flags
) -> Events:
    """Lay the events out in one line, visit after visit, and give each its time."""
    ahead, behind = before.sum(axis=1), after.sum(axis=1)
    per_consideration = stages.sum(axis=1)
    middle = np.bincount(considerations.visit, weights=per_consideration, minlength=len(visits)).astype(
        np.int64
    )
    total = ahead + middle + behind
    start = np.cumsum(total) - total
    count = int(total.sum())
    kind = np.empty(count, dtype=np.int64)
    product = np.full(count, -1)
    quantity, step = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
    kept = np.zeros(count, dtype=np.bool_)

    visit, which = np.nonzero(before)
    kind[(start[:, None] + before.cumsum(axis=1) - 1)[visit, which]] = np.where(which == 0, PAGE, PROMOTION)
    each, stage = np.nonzero(stages)
    earlier = np.cumsum(per_consideration) - per_consideration
    # Considerations stand in the order of their visits: what came before them is all of earlier visits.
    of_earlier_visits = (np.cumsum(middle) - middle)[considerations.visit]
    first = start[considerations.visit] + ahead[considerations.visit] + earlier - of_earlier_visits
    at = (first[:, None] + stages.cumsum(axis=1) - 1)[each, stage]
    kind[at] = _STAGES[stage]
    product[at] = considerations.product[each]
    kept[at] = considerations.is_kept[each]
    carted = (_STAGES[stage] == ADDED) | (_STAGES[stage] == REMOVED)
    quantity[at] = np.where(carted, considerations.quantity[each], 0)
    visit, which = np.nonzero(after)
    at = ((start + ahead + middle)[:, None] + after.cumsum(axis=1) - 1)[visit, which]
    kind[at] = np.array([CART, *(event for event, _ in _CHECKOUT)])[which]
    step[at] = np.array([0, *(number for _, number in _CHECKOUT)])[which]
    # Searches and lists name no product.
    product[(kind == SEARCHED) | (kind == LISTED)] = -1

    of_visit = np.repeat(np.arange(len(visits)), total)
    place = np.arange(count) - np.repeat(start, total)
    dwell = _dwell(dice, visits.key[of_visit], place, kind, kept)
    elapsed = np.cumsum(dwell) - dwell
    local = visits.starts[of_visit] + elapsed - np.repeat(elapsed[start[total > 0]], total[total > 0])
    measured = (kind == VIEWED) | (kind == PAGE) | (kind == LISTED)
    return Events(of_visit, kind, local, product, quantity, step, np.where(measured, dwell, 0), place)


def _dwell(dice: Dice, visit_key: Integers, place: Integers, kind: Integers, kept: Flags) -> Integers:
    """Draw how long each event holds the visitor: longer on products that end in the cart."""
    drawn: Floats = dice.uniform("dwell", visit_key, place)
    spread = np.sqrt(-2.0 * np.log1p(-drawn))
    typical = np.where(kind == VIEWED, np.where(kept, 32.0, 18.0), 7.0)
    return (
        np.minimum(typical * spread, 240.0).astype(np.int64) * SECOND + 500 + (drawn * 997).astype(np.int64)
    )
