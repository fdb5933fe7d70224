"""Key words that can be shown to a person."""

from hypothesis import given
from hypothesis import strategies as st

from daemon.cues.topics import count_terms, guess_language


def test_words_are_counted_in_the_singular_and_phrases_where_two_stand_together() -> None:
    terms = count_terms("Cache aliases hurt. The cache alias of depots; a depot's batteries.")
    assert terms["cache"] == 2
    assert terms["alias"] == 2
    assert terms["cache alias"] == 2
    assert terms["depot"] == 2
    assert terms["battery"] == 1


def test_numbers_addresses_and_the_words_of_any_mail_are_no_topics() -> None:
    text = (
        "Please see https://example.org/x 0xdeadbeef deadbeef12 1234 bo@example.org thanks regards"
    )
    assert count_terms(text) == {}


def test_a_phrase_never_spans_two_sentences() -> None:
    assert "tender lyon" not in count_terms("We lost the tender. Lyon was fine.")


def test_the_most_frequent_words_win_and_phrases_take_at_most_a_third() -> None:
    text = "freight " * 3 + " ".join(f"{a}{b}word" for a in "abcdefgh" for b in "klmnopqr")
    terms = count_terms(text)
    assert len(terms) == 24
    assert next(iter(terms)) == "freight"
    assert sum(" " in term for term in terms) == 8


@given(st.text(max_size=500), st.integers(1, 40))
def test_terms_are_bounded_lower_case_and_the_same_each_time(text: str, limit: int) -> None:
    terms = count_terms(text, limit)
    assert len(terms) <= limit
    assert all(term == term.lower().strip() and count > 0 for term, count in terms.items())
    assert terms == count_terms(text, limit)


def test_languages_are_told_apart_by_their_small_words() -> None:
    assert guess_language("We have to talk about the plan that you sent.") == "en"
    assert guess_language("Wir haben das Angebot noch nicht für den Termin.") == "de"
    assert guess_language("Je vous envoie le plan pour la réunion avec les autres.") == "fr"
    assert guess_language("No es para los que están en la reunión con el cliente.") == "es"
    assert guess_language("") == ""
