"""The scenarios of tests/scenarios/IDENTITY.md, read from the page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from identity_worlds import Decision, Identifier, Match, Record, Rule, World, shipped_rules

PAGE = Path(__file__).resolve().parents[1] / "scenarios" / "IDENTITY.md"
ABOUT_RECORDS = {"name", "born", "source", "seen"}
RULE_WORDS = {"limit": "limit", "priority": "priority", "exclusive": "is_exclusive", "checked": "is_checked"}
CHANGE = re.compile(r"(?P<what>.+?) \((?P<cause>.+)\)(, in the world since (?P<since>[\d-]+))?")
RANGE = re.compile(r"(\D*)(\d+)\.\.\D*(\d+)")


@dataclass
class Day:
    """What a scenario expects after a day. Ids are written by anchor: ``B/2`` is the second that B gave."""

    customers: dict[str, str] = field(default_factory=dict)
    retired: dict[str, str] = field(default_factory=dict)
    changes: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    visitors: dict[str, str] = field(default_factory=dict)
    homes: dict[str, str] = field(default_factory=dict)


@dataclass
class Scenario:
    """A named story: the world of the last day, and what is expected after each.

    Attributes
    ----------
    forgotten
        Records that are taken out of raw, and the day from which on they are gone.
    restates
        Whether the story is about the past being told again: ids may come back in it.
    """

    number: int
    title: str
    prefix: str
    world: World = field(default_factory=World)
    days: list[Day] = field(default_factory=list)
    names_by_day: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)
    forgotten: dict[str, int] = field(default_factory=dict)
    restates: bool = False

    def key(self, label: str) -> str:
        return f"{self.prefix}:{label}"

    def label(self, key: str) -> str:
        return key.removeprefix(f"{self.prefix}:")

    def world_on(self, day: int) -> World:
        """What raw holds on a day; records are what their source said of them last."""
        known = self.world.known_by(day)
        gone = {self.key(label) for label, since in self.forgotten.items() if since <= day}
        latest = {
            self.key(label): said
            for since in sorted(self.names_by_day)
            if since <= day
            for label, said in self.names_by_day[since].items()
        }
        known.records = [
            replace(record, **latest.get(record.key, {}))
            for record in known.records
            if record.key not in gone
        ]
        known.identifiers = [each for each in known.identifiers if each.key not in gone]
        known.rules = [
            replace(rule, to_day=None if rule.to_day is None or rule.to_day > day else rule.to_day)
            for rule in known.rules
            if rule.from_day is None or rule.from_day <= day
        ]
        return known


def read_scenarios() -> list[Scenario]:
    """Return the scenarios of the page, in order."""
    sections = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [_scenario(section) for section in sections]


def _scenario(section: str) -> Scenario:
    heading = re.match(r"(\d+)\. (.+)", section)
    block = re.search(r"```yaml\n(.*?)```", section, flags=re.DOTALL)
    assert heading is not None, section
    assert block is not None, section
    number = int(heading[1])
    content = yaml.safe_load(block[1])
    scenario = Scenario(number, heading[2].strip(), f"complete_journey:{number:02}")
    scenario.restates = bool(content.pop("restates", False))
    own_rules = {kind for day in content.values() for kind in day.get("rules", {})}
    scenario.world.rules += _own_rules(content, own_rules, number)
    types = {kind: f"{kind} {number}" for kind in own_rules}
    last = Day()
    for number_of_day, (title, day) in enumerate(content.items(), start=1):
        assert title == f"day {number_of_day}", title
        unknown = day.keys() - {
            "records",
            "decisions",
            "alike",
            "rules",
            "forgotten",
            "customers",
            "retired",
            "changes",
            "reasons",
            "visitors",
            "homes",
        }
        assert not unknown, (heading[2], unknown)
        _read_arrivals(scenario, number_of_day, day, types)
        last = _expectation(day, last)
        scenario.days.append(last)
    return scenario


def _read_arrivals(scenario: Scenario, number: int, day: dict[str, Any], types: dict[str, str]) -> None:
    world = scenario.world
    present = {record.key for record in world.records}
    had = {(each.key, each.type, each.value) for each in world.identifiers}
    for label, said in _expanded(day.get("records", {})):
        key = scenario.key(label)
        person = _person(said)
        if key not in present:
            source = said.get("source", "complete_journey")
            world.records.append(Record(key, number, source=source, **person))
        elif person:
            scenario.names_by_day.setdefault(number, {})[label] = person
        seen_at = None if "seen" not in said else dt.datetime.combine(said["seen"], dt.time())
        for kind, values in said.items():
            if kind in ABOUT_RECORDS:
                continue
            for value in values if isinstance(values, list) else [values]:
                identifier = (key, types.get(kind, kind), f"{value}")
                if identifier not in had:
                    world.identifiers.append(Identifier(*identifier, number, seen_at))
    for line in day.get("decisions", []):
        told = re.fullmatch(r"(\S+) and (\S+) are (one|two): (.+)", line)
        assert told, line
        kind = "must_link" if told[3] == "one" else "cannot_link"
        world.decisions.append(Decision(scenario.key(told[1]), scenario.key(told[2]), kind, number, told[4]))
    for line in day.get("alike", []):
        told = re.fullmatch(r"(\S+) and (\S+): ([\d.]+)(, enough)?", line)
        assert told, line
        world.matches.append(
            Match(scenario.key(told[1]), scenario.key(told[2]), float(told[3]), bool(told[4]))
        )
    for label in day.get("forgotten", []):
        scenario.forgotten[label] = number


def _person(said: dict[str, Any]) -> dict[str, Any]:
    person: dict[str, Any] = {}
    if "name" in said:
        given, _, family = said["name"].partition(" ")
        person = {"given_name": given or None, "family_name": family or None}
    if "born" in said:
        person["birth_date"] = said["born"]
    return person


def _own_rules(content: dict[str, Any], kinds: set[str], number: int) -> Iterator[Rule]:
    """A rule that a scenario changes is one of its own: it begins as the product has it."""
    shipped = {rule.type: rule for rule in shipped_rules()}
    for kind in sorted(kinds):
        basis = replace(shipped.get(kind, Rule(kind, f"same {kind}", 3, 12)), type=f"{kind} {number}")
        in_force = basis if kind in shipped else None
        for day_number, day in enumerate(content.values(), start=1):
            if kind not in day.get("rules", {}):
                continue
            change = day["rules"][kind]
            if in_force is not None and day_number > 1:
                yield _named(in_force, number, to_day=day_number)
            in_force = None
            if change:
                basis = replace(basis, **{RULE_WORDS[word]: value for word, value in change.items()})
                in_force = replace(basis, from_day=None if day_number == 1 else day_number)
        if in_force is not None:
            yield _named(in_force, number, to_day=None)


def _named(rule: Rule, number: int, to_day: int | None) -> Rule:
    return replace(rule, name=f"{rule.name} ({number}, since {rule.from_day or 1})", to_day=to_day)


def _expectation(day: dict[str, Any], before: Day) -> Day:
    """What is not told again stays as it was the day before; changes do not."""
    customers = before.customers
    if "customers" in day:
        customers = {
            label: customer for customer, members in day["customers"].items() for label in _members(members)
        }
    changes = {}
    for line in day.get("changes", []):
        told = CHANGE.fullmatch(line)
        assert told, line
        changes[told["what"]] = (told["cause"], told["since"])
    return Day(
        customers,
        day.get("retired", before.retired),
        changes,
        day.get("reasons", {}),
        day.get("visitors", {}),
        day.get("homes", {}),
    )


def _members(members: str) -> list[str]:
    return [label for word in members.split() for label in _labels(word)]


def _labels(word: str) -> list[str]:
    ends = RANGE.fullmatch(word)
    if ends is None:
        return [word]
    return [f"{ends[1]}{number:0{len(ends[2])}}" for number in range(int(ends[2]), int(ends[3]) + 1)]


def _expanded(records: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Records as ``P001..P100`` are many; in what they say, {n} is the number of each and {n+1} the next."""
    for word, said in records.items():
        labels = _labels(word)
        for label in labels:
            if len(labels) == 1:
                yield label, said
                continue
            number = int(re.sub(r"\D", "", label))
            yield label, {kind: _numbered(value, number) for kind, value in said.items()}


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, list):
        return [_numbered(each, number) for each in value]
    return value.replace("{n}", f"{number}").replace("{n+1}", f"{number + 1}")
