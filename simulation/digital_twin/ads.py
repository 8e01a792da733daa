"""Ads: impressions and clicks with their cost. A click on an ad is the start of a visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.digital_twin.arrays import numbered_within, stacked
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.campaigns import ADS, UNKNOWN_CAMPAIGN, campaigns_of
from simulation.digital_twin.clock import (
    DAY,
    END,
    FIRST_MONDAY,
    HOUR,
    HOURS,
    SECOND,
    WEEK,
    WEEKS,
    utc_of,
)
from simulation.digital_twin.randomness import Bits, Dice, Flags, Integers
from simulation.digital_twin.records import Records
from simulation.digital_twin.shop import account_keys
from simulation.digital_twin.text import coded, dictionary, fixed, hexadecimal, prefixed
from simulation.digital_twin.tracking import visitor_keys
from simulation.digital_twin.visits import DESKTOP, MOBILE, WEB, Visits

_PLATFORMS = ("Search", "Social", "Display")
_GROUPS = ("brand", "generic", "lookalike", "retargeting", "prospecting", "seasonal")
_RETARGETING = _GROUPS.index("retargeting")
_CREATIVES = [f"creative_{number:02d}" for number in range(24)]
_WEEKLY_IMPRESSIONS, _MOST_IMPRESSIONS = 0.8, 15
_CLICK_MICROS, _IMPRESSION_MICROS = np.array([620_000, 410_000, 230_000]), 1_500


@dataclass(frozen=True)
class _Touches:
    """Impressions and clicks; one element each.

    Attributes
    ----------
    key, ad
        Number of the touch; number of the ad shown, which an impression and its click share.
    row, local
        Place of the person; milliseconds, New York.
    visitor, is_matched
        Browser, and whether the platform knows which it is.
    is_click
        Whether it is a click.
    """

    key: Integers
    ad: Integers
    row: Integers
    local: Integers
    visitor: Bits
    is_matched: Flags
    is_click: Flags


def ad_touches(block: Block, visits: Visits, accounts: Records) -> Rows:
    """Return impressions by week and interest in the shop, and the clicks that started visits.

    Ads have no effect of their own: a click takes a visit that would have happened anyway.
    """
    dice = block.dice("ads")
    campaigns = campaigns_of(block.settings.seed)
    of = _in_the_year(_impressions(block, dice), _clicks(dice, visits))
    platform = dice.pick((3, 4, 5), "platform", of.ad)
    ads = np.flatnonzero(campaigns.channel == ADS)
    campaign = ads[np.minimum((of.local - FIRST_MONDAY) * len(ads) // (WEEKS * WEEK), len(ads) - 1)]
    unknown = dice.chance(block.dirt.unknown_references, "unknown campaign", of.key)
    group = dice.index(len(_GROUPS), "group", of.ad)
    account = np.where(group == _RETARGETING, accounts.place_of(of.row, of.local), -1)
    visitors, codes = np.unique(of.visitor, return_inverse=True)
    micros = np.where(of.is_click, _CLICK_MICROS[platform], _IMPRESSION_MICROS)
    utc = utc_of(of.local)
    columns = {
        "touch_id": fixed(prefixed("t", hexadecimal(dice.bits("touch", of.key)))),
        "platform": coded(_PLATFORMS, platform),
        "campaign_code": coded(
            [*campaigns.code(), UNKNOWN_CAMPAIGN], np.where(unknown, len(campaigns), campaign)
        ),
        "adgroup": coded(_GROUPS, group),
        "creative": coded(_CREATIVES, dice.index(len(_CREATIVES), "creative", of.ad)),
        "kind": coded(("imp", "clk"), of.is_click.astype(np.int64)),
        "cookie": dictionary(visitor_keys(visitors), np.where(of.is_matched, codes, -1)),
        "external_id": dictionary(account_keys(block, accounts.number), account),
        "cost_micros": pa.array((micros * dice.between(0.6, 1.5, "cost", of.key)).astype(np.int64)),
        "currency": coded(("USD",), np.zeros(len(of.key), dtype=np.int64)),
        "event_time": pa.array(utc, pa.timestamp("ms")),
    }
    return Rows.of(columns, utc, of.key)


def _impressions(block: Block, dice: Dice) -> _Touches:
    people = block.people
    seen = np.minimum(0.35 + people.activity, 2.5) * _WEEKLY_IMPRESSIONS * (people.activity > 0)
    rate = np.repeat(seen[:, None], WEEKS, axis=1)
    counts = dice.poisson(
        rate, "impressions", people.person[:, None], np.arange(WEEKS)[None, :], largest=_MOST_IMPRESSIONS
    )
    cell, within = numbered_within(counts.ravel())
    row, week = np.divmod(cell, WEEKS)
    key = (people.person[row] * 128 + week) * 16 + within
    day = FIRST_MONDAY + week * WEEK + np.where(week == 0, 6, dice.index(7, "day", key)) * DAY
    hour = np.maximum(dice.pick(HOURS, "hour", key), 3) + dice.uniform("minute", key)
    device = np.where(people.prefers_phone[row], MOBILE, DESKTOP)
    nothing = np.zeros(len(key), dtype=np.int64)
    return _Touches(
        key=key * 4,
        ad=key * 2,
        row=row,
        local=day + (hour * HOUR).astype(np.int64),
        visitor=block.dice("visits").bits("visitor", people.person[row], WEB * 4 + device, nothing),
        is_matched=dice.chance(0.55, "matched", key),
        is_click=nothing > 0,
    )


def _clicks(dice: Dice, visits: Visits) -> _Touches:
    """Return the ads behind visits to the web shop that no message started: seen, then clicked."""
    by_ad = (visits.message < 0) & (visits.channel == WEB) & (visits.device <= MOBILE)
    clicked = np.flatnonzero(by_ad & dice.chance(0.05, "clicks", visits.key))
    key, starts = visits.key[clicked], visits.starts[clicked]
    seen = starts - 3 * SECOND - dice.index(40, "looks at it", key) * SECOND
    return _Touches(
        key=stacked(key * 4 + 1, key * 4 + 2),
        ad=stacked(key * 2 + 1, key * 2 + 1),
        row=stacked(visits.row[clicked], visits.row[clicked]),
        local=stacked(seen, starts - 2 * SECOND),
        visitor=stacked(visits.visitor[clicked], visits.visitor[clicked]),
        is_matched=np.ones(2 * len(key), dtype=np.bool_),
        is_click=np.repeat([False, True], len(key)),
    )


def _in_the_year(impressions: _Touches, clicks: _Touches) -> _Touches:
    kept = np.concatenate([impressions.local, clicks.local]) < END - HOUR
    parts = vars(impressions).items()
    return _Touches(**{name: stacked(first, getattr(clicks, name))[kept] for name, first in parts})
