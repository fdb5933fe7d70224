"""Everything the owner can set: names, meanings, ranges and defaults, said once.

The example file, the schema, the reference and every error message are made from these
models. Defaults that the functional core has too are proven equal to it by a test.
"""

from collections.abc import Mapping
from datetime import time
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from daemon.config.accounts import Delivery as Delivery  # every section can be had from here
from daemon.config.accounts import Replies as Replies
from daemon.config.accounts import Source as Source
from daemon.config.values import Email, Section, ZoneName

CircleName = Literal["close", "regular", "wide"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Owner(Section):
    """Who you are, and when you want to hear from kithd."""

    addresses: tuple[Email, ...] = Field(
        min_length=1,
        strict=False,
        examples=[("you@example.org",)],
        description="Every address you write from. Mail from one of these is yours.",
    )
    name: str = Field(
        default="", max_length=200, description="What to call you; empty takes it from your mail."
    )
    zone: ZoneName = Field(default="UTC", description="Your time zone, such as Europe/Berlin.")
    digest_hour: time = Field(
        default=time(7, 0),
        strict=False,
        description="The hour of your digest, as HH:MM in your zone; a bare --at date means it.",
    )
    workdays: tuple[Weekday, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri"),
        min_length=1,
        strict=False,
        description="The days you work on: digests come on them, and waiting is counted in them.",
    )

    @field_validator("workdays")
    @classmethod
    def _names_no_day_twice(cls, days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
        if len(set(days)) < len(days):
            raise ValueError("a day is named twice")
        return days

    @field_validator("digest_hour")
    @classmethod
    def _is_a_plain_minute(cls, hour: time) -> time:
        if hour.tzinfo or hour.second or hour.microsecond:
            raise ValueError("write it as HH:MM, in the time zone of owner.zone")
        return hour


class Ties(Section):
    """When a tie counts as cooling, fading or dormant.

    Source: the design notes on how ties fade; the defaults are theirs but for ``unusual_at``.
    """

    prior_gap_days: float = Field(
        default=8.0,
        gt=0,
        le=365,
        description="Days between contacts to expect of a tie nothing is known of.",
    )
    prior_weight: float = Field(
        default=2.0, gt=0, le=100, description="How many gaps that expectation is worth."
    )
    prior_df: float = Field(
        default=3.0, gt=0, le=100, description="How many gaps the expected scatter is worth."
    )
    prior_log_sd: float = Field(
        default=1.1, gt=0, le=5, description="The expected scatter: standard deviation of ln(gap)."
    )
    forget: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="What an older gap keeps of its weight at each newer one.",
    )
    dropout_base: float = Field(
        default=-3.0, ge=-20, le=20, description="Log-odds that a contact was the last one."
    )
    dropout_per_log_n: float = Field(
        default=-0.8,
        ge=-10,
        le=10,
        description="What those log-odds change by with ln(days of contact).",
    )
    dormant_days: float = Field(
        default=180.0,
        gt=0,
        le=3650,
        description="A silence of so many days makes a tie dormant ...",
    )
    dormant_gaps: float = Field(
        default=3.0,
        ge=1,
        le=100,
        description="... but never fewer than so many of its typical gaps.",
    )
    cooling_at: float = Field(
        default=0.25,
        gt=0,
        lt=1,
        description="Chance of becoming dormant at which a tie is cooling.",
    )
    fading_at: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        validate_default=True,
        description="The same for fading; above cooling_at.",
    )
    unusual_at: float = Field(
        default=0.5,
        ge=0,
        lt=1,
        description="Share of a tie's own gaps a silence must outlast to be spoken of. "
        "0.9 is quiet mode.",
    )
    min_days: int = Field(
        default=3, ge=1, le=100, description="Days with contact below which a tie is new."
    )
    mutual: bool = Field(
        default=True,
        description="Whether both must have reached the other for a tie to be more than new.",
    )
    max_recipients: int = Field(
        default=10,
        ge=1,
        le=1000,
        description="A message to more people than this is no direct contact.",
    )
    max_attendees: int = Field(
        default=8,
        ge=1,
        le=1000,
        description="A meeting of more people than this is no direct contact.",
    )
    flags_per_week: int = Field(
        default=3, ge=0, le=100, description="How many ties may be newly called fading in a week."
    )
    fitted: bool = Field(
        default=True,
        description="Whether the odds that a silence lasts are fitted to your own past once a "
        "month, and used if that foretells it better. Not where you set a prior_ or dropout_ "
        "number yourself.",
    )

    @field_validator("fading_at")
    @classmethod
    def _cools_before_it_fades(cls, fading_at: float, info: ValidationInfo) -> float:
        # A validator of the whole section would be skipped whenever one field is wrong,
        # and so would not report everything at once.
        cooling_at = info.data.get("cooling_at", 0.0)
        if cooling_at >= fading_at:
            raise ValueError(f"{fading_at} must lie above cooling_at ({cooling_at})")
        return fading_at


class Suggestions(Section):
    """How much kithd suggests, and how soon it comes back to a person or a kind."""

    budget: int = Field(
        default=5, ge=1, le=50, description="At most so many suggestions in a digest."
    )
    person_cooldown_days: int = Field(
        default=14, ge=0, le=3650, description="Days until a person is suggested again."
    )
    refused_cooldown_days: int = Field(
        default=30, ge=0, le=3650, description="The same after you answered 'not this'."
    )
    kind_cooldown_days: int = Field(
        default=7, ge=0, le=3650, description="Days until a kind you refused is suggested again."
    )
    quick_minutes: int = Field(
        default=2,
        ge=1,
        le=60,
        description="One suggestion of each digest takes no longer than this.",
    )
    reply_after_workdays: int = Field(
        default=2,
        ge=0,
        le=60,
        description="Working days a question to you waits before kithd says so.",
    )
    owe_days: int = Field(
        default=30, ge=1, le=3650, description="Days after which an unanswered question is let go."
    )
    promise_after_days: int = Field(
        default=3, ge=0, le=365, description="Days a promise of yours is open before kithd says so."
    )
    follow_up_days: int = Field(
        default=14, ge=1, le=365, description="Days after a first meeting in which to follow up."
    )
    follow_up_max_attendees: int = Field(
        default=8,
        ge=2,
        le=1000,
        description="A first meeting of more people than this asks for none.",
    )
    shelf_days: int = Field(
        default=45, ge=1, le=3650, description="Days an article stays fresh enough to be given."
    )
    min_match: float = Field(
        default=0.35,
        ge=0,
        le=1,
        description="How well an article must fit a person to be suggested.",
    )


class PersonRule(Section):
    """What you say of one person rules over the forecast."""

    circle: CircleName | None = Field(
        default=None, examples=["close"], description="How close this person is to you."
    )
    cadence_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        examples=[30],
        description="The longest silence you want, in days: kithd speaks up then, not before.",
    )
    ideal_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        examples=[14],
        description="How often you would like contact, in days: from then on a gift is welcome.",
    )

    @field_validator("ideal_days")
    @classmethod
    def _lies_within(cls, days: int | None, info: ValidationInfo) -> int | None:
        return _within(days, "cadence_days", info)


class CircleRule(Section):
    """What you want with everybody in a circle, where a person has no rule of their own."""

    longest_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        examples=[30],
        description="The longest silence you want with any of them, in days.",
    )
    ideal_days: int | None = Field(
        default=None,
        ge=1,
        le=3650,
        examples=[14],
        description="How often you would like contact with them, in days.",
    )

    @field_validator("ideal_days")
    @classmethod
    def _lies_within(cls, days: int | None, info: ValidationInfo) -> int | None:
        return _within(days, "longest_days", info)


def _within(days: int | None, name: str, info: ValidationInfo) -> int | None:
    longest = info.data.get(name)
    if days is not None and longest is not None and days > longest:
        raise ValueError(f"{days} must not lie above {name} ({longest})")
    return days


class Settings(Section):
    """All settings of one owner."""

    owner: Owner
    delivery: Delivery = Delivery()
    replies: Replies = Replies()
    ties: Ties = Ties()
    suggestions: Suggestions = Suggestions()
    circles: Mapping[CircleName, CircleRule] = Field(default={}, strict=False)
    people: Mapping[Email, PersonRule] = Field(default={}, strict=False)
    sources: Mapping[str, Source] = Field(default={}, strict=False)
