"""Links that may be given on, and those that never are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.cues.links import clean_url, is_offerable


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/2025/03/how-depots-save-power",
        "https://example.com/blog/post?id=4321",
        "https://www.example.net/watch?v=abcDEF12345",
        "https://example.org/story-about-ports-3f2a9b8c7d6e",
        "https://example.org/r/commit/0123456789abcdef0123456789abcdef01234567",
        "https://example.org/a?utm_source=news&utm_campaign=aVeryLongRandom1234567",
    ],
)
def test_public_pages_about_something_are_offerable(url: str) -> None:
    assert is_offerable(url, "How depots save power")


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://example.org/unsubscribe/ana", "Leave"),
        ("https://example.org/a/story", "Unsubscribe"),
        ("https://example.org/a/story", "View in your browser"),
        ("https://example.org/preferences", "Preferences"),
        ("https://example.org/login", "Read on"),
        ("https://example.org/password/reset", "Reset"),
        ("https://click.example.org/story", "Story"),
        ("https://x.list-manage.com/track/click?u=1", "Story"),
        ("https://example.org/story?token=abc", "Story"),
        ("https://example.org/story?email=ana%40example.org", "Story"),
        ("https://example.org/s/aZ8kQ2mX9pLw4RtY7v", "Story"),
        ("https://example.org/f?x=8f14e45fceea167a5a36dedd4bea2543", "Story"),
        ("https://example.org/d/123e4567-e89b-12d3-a456-426614174000", "Story"),
        ("https://example.org/logo.png", "Logo"),
        ("https://example.org/", ""),
        ("https://ana:secret@example.org/story", "Story"),
        ("http://localhost/story", "Story"),
        ("http://192.0.2.7/story", "Story"),
        ("mailto:ana@example.org", "Ana"),
        ("javascript:alert(1)", "Story"),
        ("http://[broken/story", "Story"),
        ("", ""),
        ("https://example.org/" + "a/" * 300, "Story"),
    ],
)
def test_links_that_let_in_count_or_say_nothing_are_never_offered(url: str, title: str) -> None:
    assert not is_offerable(url, title)


def test_a_home_page_needs_a_title_to_speak_for_it() -> None:
    assert is_offerable("https://example.org/", "A guide to cold chains")


def test_cleaning_drops_what_tracks_and_keeps_what_names_the_page() -> None:
    url = "HTTPS://Example.org/Post?id=3&utm_source=x&fbclid=y#top"
    assert clean_url(url) == "https://example.org/Post?id=3"
    assert clean_url("not a url") == "not a url"


@given(st.text(max_size=120), st.text(max_size=40))
def test_no_address_breaks_either_and_cleaning_twice_changes_nothing(url: str, title: str) -> None:
    for candidate in (url, "https://" + url, "https://example.org/" + url):
        is_offerable(candidate, title)
        once = clean_url(candidate)
        assert clean_url(once) == once
