"""Which words a text has, whatever its script."""

import pytest

from exchange.messages.words import LONGEST, asked_for, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Income WITHHOLDING order", {"income", "withholding", "order"}),
        ("Müller, Ångström & Zoë's", {"muller", "angstrom", "zoes"}),
        ("O'Brien O\u2019Brien", {"obrien"}),
        ("Straße ﬁle", {"strasse", "file"}),
        ("case KS-0012345 of 2026", {"case", "ks", "0012345", "2026"}),
        ("the a I of 7", set()),
        ("", set()),
        ("ΆΛΦΑ Москва", {"αλφα", "москва"}),
        ("हिन्दी में", {"हिन्दी", "में"}),
        ("שָׁלוֹם مُحَمَّد", {"שלום", "محمد"}),
        ("日本語", {"日本", "本語", "語"}),
        ("がか", {"がか", "か"}),
        ("PDF日本", {"pdf", "日本", "本"}),
        ("한국어 문서", {"한국어", "문서"}),
        ("x" * 100, {"x" * LONGEST}),
        ("under_score a.b-cd", {"under", "score", "cd"}),
    ],
)
def test_a_text_is_cut_into_words(text: str, words: set[str]) -> None:
    assert words_of(text) == words


def test_words_of_several_texts_are_taken_together() -> None:
    assert words_of("first", "second first") == {"first", "second"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("withhold", ("withhold",)),
        ("the Order", ("order",)),
        ("the", ("the",)),
        ("日本語", ("日本", "本語")),
        ("語", ("語",)),
        ("  -- ", ()),
    ],
)
def test_what_is_asked_is_cut_alike(asked: str, words: tuple[str, ...]) -> None:
    assert asked_for(asked) == words


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("all about withholding", "withhold"),
        ("Herr Müller", "MULLER"),
        ("日本語の文書", "文書"),
        ("東京", "京"),
        ("Zażółć gęślą", "zazolc gesla"),
        ("x" * 50, "x" * 40),
    ],
)
def test_each_word_asked_for_begins_a_word_of_the_text(text: str, asked: str) -> None:
    assert all(any(word.startswith(one) for word in words_of(text)) for one in asked_for(asked))
