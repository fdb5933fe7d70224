"""Each rule of each language pack against its own examples."""

import pytest

from daemon.cues.languages.en import ENGLISH
from daemon.cues.languages.rules import Rule, build_pack, rule, weigh
from daemon.cues.model import CueKind

RULES = [
    pytest.param(each, id=f"{kind}-{each.name}")
    for kind, rules in ENGLISH.rules.items()
    for each in rules
]


@pytest.mark.parametrize("each", RULES)
def test_a_rule_finds_its_examples_and_nothing_in_its_counterexamples(each: Rule) -> None:
    assert each.yes
    assert [text for text in each.yes if not each.is_found(text)] == []
    assert [text for text in each.no if each.is_found(text)] == []


@pytest.mark.parametrize("kind", list(CueKind))
def test_every_kind_has_rules_for_and_against_it_with_names_of_their_own(kind: CueKind) -> None:
    rules = ENGLISH.rules[kind]
    assert any(each.weight > 0 and each.stands_alone for each in rules)
    assert any(each.weight < 0 for each in rules)
    assert len({each.name for each in rules}) == len(rules)


def test_a_rule_that_does_not_stand_alone_says_nothing_by_itself() -> None:
    booster = rule("soon", "soon", r"\bsoon\b", 1.0, ["soon."], stands_alone=False)
    opener = rule("send", "send", r"\bsend\b", 1.0, ["send it."])
    assert weigh("it works soon", [booster]) is None
    alone, both = weigh("send it", [booster, opener]), weigh("send it soon", [booster, opener])
    assert alone is not None
    assert both is not None
    assert alone.confidence < both.confidence


def test_an_index_leads_from_a_word_to_its_rules_and_skips_sentences_without_one() -> None:
    opener = rule("send", "send", r"\bsend\b", 1.0, ["send it."])
    pack = build_pack("en", {CueKind.ASK: (opener,)})
    assert pack.candidates("please send it, send it") == {CueKind.ASK: [opener]}
    assert pack.candidates("the sender wrote") == {}
