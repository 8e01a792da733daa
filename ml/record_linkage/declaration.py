"""How records are compared, what is learnt from what, and when two of them are linked: one YAML file.

Reading a declaration imports no matching library: definitions that only need names and tables stay quick to
load.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from ml.errors import LearningError

DECLARATIONS_DIR = Path(__file__).parent

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Table = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
Probability = Annotated[float, Field(gt=0, lt=1)]
Condition = Annotated[str, StringConstraints(min_length=1)]


class LinkageDeclarationError(LearningError):
    """A declaration cannot be used; the message names the file, the field and the fix."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_Part):
    """How alike two values are.

    Attributes
    ----------
    title
        As people read it in the evidence of a link.
    m, u
        How often it holds for two records of one person, and of different people, as long as the data say
        nothing.
    condition
        SQL over the columns with ``_l`` and ``_r``; ``None`` for the last level, which takes what is left.
    rarity_of
        Column whose rare values weigh more than its common ones.
    """

    title: str
    m: Probability
    u: Probability
    condition: Condition | None = None
    rarity_of: Name | None = None


class Comparison(_Part):
    """One attribute of two records, compared.

    Attributes
    ----------
    name
        In parameters and in the rest of the declaration.
    title
        As people read it.
    missing
        Condition under which nothing is compared, and nothing is said.
    levels
        From the same to different; the first whose condition holds counts.
    """

    name: Name
    title: str
    missing: Condition
    levels: tuple[Level, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _last_takes_the_rest(self) -> Comparison:
        if self.levels[-1].condition is not None or any(
            level.condition is None for level in self.levels[:-1]
        ):
            raise ValueError(
                f"{self.name}: every level but the last needs a condition, the last takes the rest"
            )
        return self


class DifferentPeople(_Part):
    """What u is learnt from: all pairs of a sample of different people.

    Attributes
    ----------
    sample_records
        Size of the sample.
    declared_weight
        As many pairs the declared u weigh.
    distinct_by
        SQL expressions: of records that share one of them, one is in the sample.
    """

    sample_records: int = Field(ge=2)
    declared_weight: float = Field(gt=0)
    distinct_by: tuple[Condition, ...]


class SamePerson(_Part):
    """What m is learnt from: expectation maximisation over pairs that share a blocking key.

    Attributes
    ----------
    sample_pairs
        Most pairs that are looked at, in the order of a hash.
    minimum_matches
        A comparison that fewer pairs of one person say something about counts as not learnt.
    declared_weight
        As many pairs of one person the declared m weigh.
    """

    sample_pairs: int = Field(ge=2)
    minimum_matches: float = Field(ge=1)
    declared_weight: float = Field(gt=0)


class Prior(_Part):
    """How often two random records are one person: learnt with m.

    Attributes
    ----------
    at_most
        Upper limit, for a handful of records.
    """

    at_most: Probability


class Households(_Part):
    """How data tell whether people who share a home or a mailbox are several.

    Too few records to learn from may hold households.

    Attributes
    ----------
    together
        Comparison, and the last of its levels at which two records are under one roof.
    told_apart_by
        Comparisons that are all different for two people of one household.
    least_pairs
        With fewer pairs under one roof there are no households that could mislead.
    least_share
        Of the pairs under one roof, the share told apart from which on there are households.
    """

    together: dict[Name, int] = Field(min_length=1)
    told_apart_by: tuple[Name, ...] = Field(min_length=1)
    least_pairs: int = Field(ge=0)
    least_share: Probability


class Training(_Part):
    """What is learnt from what.

    Attributes
    ----------
    minimum_records
        With fewer, the declared m and u stay.
    different_people, same_person, prior, households
        How u, m, the prior and the presence of households are learnt.
    """

    minimum_records: int = Field(ge=2)
    different_people: DifferentPeople
    same_person: SamePerson
    prior: Prior
    households: Households


class Blocking(_Part):
    """Which pairs are looked at: the keys that the data at hand can afford, the cheapest first.

    Attributes
    ----------
    maximum_block
        A key that more records share is no reason to compare them.
    pairs_per_record_of_a_key
        A key that costs more is not used.
    pairs_per_record, pairs
        Keys are added as long as they cost no more together.
    keys
        SQL expressions; records that share one are compared.
    """

    maximum_block: int = Field(ge=2)
    pairs_per_record_of_a_key: float = Field(gt=0)
    pairs_per_record: float = Field(gt=0)
    pairs: int = Field(ge=1)
    keys: tuple[Condition, ...] = Field(min_length=1)


class Contradiction(_Part):
    """What keeps two records apart however much else they share.

    Attributes
    ----------
    reason
        As people read it.
    different
        Comparison that speaks against the pair; without one, the pair has to show something alike.
    from_level
        From which level on, counted from 1 for the same, it does; by default the last.
    unless_alike
        Comparisons of which one above its last level lifts the contradiction.
    unless_up_to
        Comparisons with the last of their levels that lifts it.
    only_among_households
        It holds only where data tell that households share what is compared.
    only_while_unlearnt
        It holds only as long as nothing was learnt about this comparison.
    """

    reason: str
    different: Name | None = None
    from_level: int | None = Field(default=None, ge=2)
    unless_alike: tuple[Name, ...] = ()
    unless_up_to: dict[Name, int] = Field(default_factory=dict)
    only_among_households: bool = False
    only_while_unlearnt: Name | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Contradiction:
        if self.different is None and not self.unless_alike:
            raise ValueError(
                f"{self.reason}: give different or unless_alike, or no two records are ever joined"
            )
        return self


class Bridges(_Part):
    """When a link joins two groups of records rather than two records of one group.

    Attributes
    ----------
    reason
        As people read it.
    least_links
        Both records have at least as many other links.
    least_shared
        Of the other links of the one with fewer, a smaller share leads to records that the other is linked
        to as
        well.
    """

    reason: str
    least_links: int = Field(ge=1)
    least_shared: Probability


class LinkageDeclaration(_Part):
    """How records of one kind are matched.

    Attributes
    ----------
    name
        Of the declaration and of its file.
    description
        What a link means.
    input_table
        ``schema.table`` with the records, one row each.
    key
        Its key; never looked at, only handed back.
    compared
        The columns that everything below may name.
    threshold
        Links at or above it join.
    written_from
        Less probable pairs are not kept.
    training, blocking, comparisons, contradictions, bridges
        The parts.
    """

    name: Name
    description: str
    input_table: Table
    key: Name
    compared: tuple[Name, ...] = Field(min_length=1)
    threshold: Probability
    written_from: Probability
    training: Training
    blocking: Blocking
    comparisons: tuple[Comparison, ...] = Field(min_length=1)
    contradictions: tuple[Contradiction, ...] = ()
    bridges: Bridges

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the records need."""
        return frozenset({self.key, *self.compared})

    @property
    def configuration(self) -> str:
        """Hash of all that is declared: equal configurations have equal ones."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @model_validator(mode="after")
    def _names_exist(self) -> LinkageDeclaration:
        names = {comparison.name for comparison in self.comparisons}
        households = self.training.households
        used = {*households.together, *households.told_apart_by}
        for contradiction in self.contradictions:
            used |= {*contradiction.unless_alike, *contradiction.unless_up_to}
            used |= {contradiction.different or "", contradiction.only_while_unlearnt or ""} - {""}
        if unknown := sorted(used - names):
            raise ValueError(
                f"{', '.join(unknown)}: no such comparison; there are {', '.join(sorted(names))}"
            )
        if self.written_from > self.threshold:
            raise ValueError("written_from is above threshold: links would be missing; lower it")
        return self


def load_linkage(name: str, directory: Path = DECLARATIONS_DIR) -> LinkageDeclaration:
    """Read and check one declaration.

    Parameters
    ----------
    name
        File name without ``.yml``.
    directory
        Where declarations are.

    Raises
    ------
    LinkageDeclarationError
        If the file is missing, no YAML, or does not say what it has to.
    """
    path = directory / f"{name}.yml"
    if not path.exists():
        raise LinkageDeclarationError(f"There is no declaration at {path}.")
    try:
        return LinkageDeclaration.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise LinkageDeclarationError(f"{path} is not valid YAML: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'file'}: {problem['msg']}"
            for problem in error.errors()
        )
        raise LinkageDeclarationError(f"{path}: {problems}") from error
