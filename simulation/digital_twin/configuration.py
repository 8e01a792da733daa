"""What can be set: how large the twin is, its seed, and how much of each kind of dirt it has."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

LARGEST_SCALE = 40.0

Rate = Annotated[float, Field(ge=0, le=1)]


class TwinSettingsError(ValueError):
    """A setting of the digital twin cannot be used; the message names it and the fix."""


class Dirt(BaseModel):
    """How much of each kind of dirt there is: shares from 0 to 1, and switches.

    The description of each field says what it is a share of.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    typos: Rate = Field(default=0.02, description="names and e-mails with a letter lost, doubled or swapped")
    nicknames: Rate = Field(default=0.08, description="records under a short form of the given name")
    capitals: Rate = Field(
        default=0.02, description="names in capitals, e-mails with capitals or blanks around"
    )
    mojibake: Rate = Field(default=0.3, description="names with accents whose UTF-8 was read as Latin-1")
    moved_house: Rate = Field(
        default=0.03, description="people who move in the year; not every system hears of it"
    )
    family_emails: Rate = Field(default=0.06, description="households whose members use one e-mail address")
    shared_tablets: Rate = Field(default=0.05, description="households whose members browse on one tablet")
    cards_not_on_file: Rate = Field(
        default=0.3, description="shop accounts of card holders without the number of their grocery card"
    )
    unconnected_profiles: Rate = Field(
        default=0.2, description="shop accounts and loyalty members that do not tell of a social profile"
    )
    store_devices: Rate = Field(default=0.01, description="visits to the shop on the tablet of a store")
    junk_identifiers: Rate = Field(
        default=0.01, description="e-mails and phones such as test@test.com, 000-000-0000, n/a"
    )
    recycled_phones: Rate = Field(
        default=0.01, description="people whose phone number was another person's before"
    )
    malformed_emails: Rate = Field(
        default=0.006, description="e-mails that are none: no @, two @, blanks inside"
    )
    malformed_phones: Rate = Field(
        default=0.006, description="phones with a digit missing or letters in them"
    )
    lost_zeros: Rate = Field(
        default=0.2, description="ZIP codes of New England without their leading zero, CRM only"
    )
    second_records: Rate = Field(default=0.02, description="people who are in a system twice, under two keys")
    duplicate_rows: Rate = Field(default=0.003, description="rows that come twice, the same in every column")
    late_rows: Rate = Field(default=0.01, description="events received days to weeks after they happened")
    out_of_order_rows: Rate = Field(
        default=0.01, description="rows that stand in another place of their file"
    )
    wrong_clocks: Rate = Field(default=0.005, description="visits by app whose device's clock is hours off")
    impossible_dates: Rate = Field(
        default=0.002, description="birth dates and times before 1971, in 2099, or none"
    )
    broken_prices: Rate = Field(default=0.002, description="prices such as `free`, `-1`, `12.34.56`")
    unknown_references: Rate = Field(
        default=0.002, description="products, orders, campaigns or contacts that are nowhere"
    )
    unknown_events: Rate = Field(
        default=0.0005, description="behaviour events under a name that nobody knows"
    )
    control_characters: Rate = Field(default=0.01, description="texts with control characters in them")
    bots: Rate = Field(
        default=0.0005, description="bots for each person with a device: thousands of views each"
    )
    test_orders: Rate = Field(default=0.004, description="orders with status TEST, by the shop's own staff")
    unconsented_sends: Rate = Field(
        default=0.002, description="contacts who are written to against their consent"
    )
    scanner_clicks: Rate = Field(
        default=0.004, description="e-mails that a mail scanner opens and clicks at once"
    )
    batch_twice: bool = Field(
        default=True,
        description="the end of the app's second quarter is delivered again, in another order",
    )
    new_column: bool = Field(default=True, description="web events of the last quarter have a column more")
    vanished_column: bool = Field(
        default=True, description="app events of the last quarter lack device_model"
    )

    @classmethod
    def none(cls) -> Dirt:
        """Return no dirt at all."""
        return cls(**{name: type(value)(0) for name, value in cls().model_dump().items()})

    @classmethod
    def load(cls, path: Path) -> Dirt:
        """Read rates from a YAML file; what it does not name keeps its default.

        Raises
        ------
        TwinSettingsError
            If the file cannot be read, names a kind of dirt that is not known, or a rate is not in 0 to 1.
        """
        try:
            return cls(**(yaml.safe_load(path.read_text(encoding="utf-8")) or {}))
        except ValidationError as error:
            fault = error.errors()[0]
            name = ".".join(str(step) for step in fault["loc"])
            raise TwinSettingsError(
                f"{path}: {name}: {fault['msg']}. Kinds of dirt: {', '.join(cls.model_fields)}."
            ) from error
        except (OSError, yaml.YAMLError, TypeError, UnicodeDecodeError) as error:
            raise TwinSettingsError(f"{path} cannot be read as YAML of rates: {error}.") from error


class TwinSettings(BaseModel):
    """Everything that decides which rows the twin has, beside the households' data.

    Attributes
    ----------
    scale
        1 is all households and as many rows as the README says; below 1 a share of the households; above 1
        more people without a card.
    seed
        Same seed, same rows.
    dirt
        How much of each kind of dirt.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scale: float = Field(default=1.0, gt=0, le=LARGEST_SCALE)
    seed: int = Field(default=20170101, ge=0, lt=2**63)
    dirt: Dirt = Dirt()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> TwinSettings:
        """Read ``WAREHOUSE_TWIN_SCALE``, ``WAREHOUSE_TWIN_SEED`` and ``WAREHOUSE_TWIN_DIRT`` (a YAML file).

        Raises
        ------
        TwinSettingsError
            If one of them cannot be used.
        """
        env = os.environ if environment is None else environment
        chosen: dict[str, object] = {
            name: env[f"WAREHOUSE_TWIN_{name.upper()}"]
            for name in ("scale", "seed")
            if env.get(f"WAREHOUSE_TWIN_{name.upper()}")
        }
        if path := env.get("WAREHOUSE_TWIN_DIRT"):
            chosen["dirt"] = Dirt.load(Path(path).expanduser())
        try:
            return cls.model_validate(chosen)
        except ValidationError as error:
            fault = error.errors()[0]
            name = f"WAREHOUSE_TWIN_{str(fault['loc'][0]).upper()}"
            raise TwinSettingsError(f"{name} is {fault['input']!r}: {fault['msg']}.") from error
