"""Personal data in exports: what is found, what is left alone, and that the same stays the same."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dify.parts import Citation, File, Thought
from services.privacy.findings import found, is_card, is_iban
from services.privacy.masking import Masker
from services.rope import Rope
from services.turn import Turn


def masked(text: str) -> str:
    return Masker(["Ada Lovelace"], ["web-17"]).text(text)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Write to ada.l+x@mail.example.org.", "Write to [e-mail 1]."),
        ("<ada@example.org>, ADA@example.org, bo@example.org", "<[e-mail 1]>, [e-mail 1], [e-mail 2]"),
        ("jürgen@müller.example", "[e-mail 1]"),
        ("mailto:ada@example.org", "mailto:[e-mail 1]"),
        ("Call +49 (0)170 / 123 45 67 now", "Call [phone 1] now"),
        ("(555) 123-4567 or 555-123-4567", "[phone 1] or [phone 1]"),
        ("Tel:030 1234567", "Tel:[phone 1]"),
        ("DE89 3704 0044 0532 0130 00 and de89370400440532013000", "[IBAN 1] and [IBAN 1]"),
        ("GB82WEST12345698765432 is mine", "[IBAN 1] is mine"),
        ("4111 1111 1111 1111 12/27", "[card 1] 12/27"),
        ("card 4111-1111-1111-1111", "card [card 1]"),
        ("from 192.168.1.20, then 192.168.1.20:8080", "from [IP address 1], then [IP address 1]:8080"),
        ("2001:db8::8a2e:370:7334 and ::1", "[IP address 1] and [IP address 2]"),
        ("I am Ada Lovelace; Ada, LOVELACE!", "I am [name 1]; [name 2], [name 3]!"),
        ("user web-17 asked", "user [user 1] asked"),
    ],
)
def test_what_is_hidden(text: str, hidden: str) -> None:
    assert masked(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "On 2024-01-31 and 31.01.2024 13:45 it was 1 000 000 or 12.345.678,90.",
        "At 12:30:45, 2024-01-31T12:30:45Z, in 2019-2024.",
        "11111111-1111-4111-8111-111111111111 and 3b12f1df-5232-4e6b-9a3c-0a1b2c3d4e5f",
        "4111 1111 1111 1112 is no card, DE88 3704 0044 0532 0130 00 no IBAN",
        "std::vector a::b 1.2.3.4.5 http://example.org/12345678?id=123456789",
        "order 1700000000, 1 2 3 4 5 6 7 8, me @ home, a@b, Adamant",
        "",
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert masked(text) == text


def test_check_digits() -> None:
    assert is_card("4111111111111111")
    assert is_card("378282246310005")
    assert not is_card("0000000000000000")
    assert is_iban("NO9386011117947")
    assert not is_iban("NO9386011117948")


WORDS = st.text(st.characters(whitelist_categories=["Lu", "Ll", "Lo"]), min_size=1, max_size=8)
MAILS = st.from_regex(r"[a-z][a-z0-9.]{0,10}[a-z0-9]@[a-z]{2,8}\.(org|com|de)", fullmatch=True)
IPS = st.ip_addresses(v=4).map(str)


def cards() -> st.SearchStrategy[str]:
    def whole(digits: str) -> str:
        return next(digits + last for last in "0123456789" if is_card(digits + last))

    return st.from_regex(r"[2-6][0-9]{14}", fullmatch=True).map(whole)


@given(st.lists(WORDS, max_size=10), st.lists(st.one_of(MAILS, IPS, cards()), max_size=10), st.randoms())
def test_none_survives_and_all_the_rest_does(words: list[str], own: list[str], chance: Random) -> None:
    parts = [*words, *own]
    chance.shuffle(parts)
    masker, text = Masker(), " and ".join(parts)
    hidden = masker.text(text)
    assert not set(own) & set(hidden.split())
    assert set(words) <= set(hidden.split())
    assert masker.text(text) == hidden  # the same again
    assert masker.text(hidden) == hidden  # and nothing more in what is hidden already


@given(st.lists(MAILS, unique=True, max_size=10))
def test_each_value_has_its_placeholder(mails: list[str]) -> None:
    masker = Masker()
    placeholders = [masker.text(mail) for mail in mails]
    assert placeholders == [f"[e-mail {number}]" for number in range(1, len(mails) + 1)]
    assert [masker.text(mail.upper()) for mail in mails] == placeholders


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS | MAILS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | MAILS, inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_json_stays_json_of_the_same_form(value: Any) -> None:
    hidden = Masker().value(value)
    text = json.dumps(hidden)
    assert json.loads(text) == hidden
    assert "@" not in text
    assert type(hidden) is type(value) or isinstance(value, int)
    if isinstance(value, list | dict):
        assert len(hidden) == len(value)


@given(st.text(max_size=400))
def test_any_text_can_be_looked_through(text: str) -> None:
    ends = 0
    for each in found(text):
        assert ends <= each.start < each.end <= len(text)
        ends = each.end


@pytest.mark.parametrize("piece", ["a", "1", "a@", "1.", "1 ", ":", "DE12 ", "+1(", "a.b@c."])
def test_long_texts_are_no_trap(piece: str) -> None:
    """Quadratic, any of these would take minutes."""
    Masker(["Ada"]).text(piece * 20_000)


def test_a_turn_keeps_its_ids_and_loses_its_words() -> None:
    mail = "ada@example.org"
    turn = Turn(
        f"I am {mail}",
        id="11111111-1111-4111-8111-111111111111",
        state="complete",
        text=Rope(f"Hello {mail}"),
        inputs={"who": mail, "card": 4111111111111111},
        message_id="4111111111111111",
        attachments=(File("f", name=f"{mail}.pdf"),),
        thoughts=(Thought("t", tool_input=json.dumps({"to": mail}), observation=mail),),
        citations=(Citation(document_name=mail, content=mail),),
    )
    hidden = Masker().record(turn)
    assert "ada@" not in repr(hidden)
    assert (hidden.id, hidden.message_id, hidden.state) == (turn.id, turn.message_id, "complete")
    assert hidden.answer == "Hello [e-mail 1]"
    assert hidden.inputs == {"who": "[e-mail 1]", "card": "[card 1]"}
    assert json.loads(hidden.thoughts[0].tool_input) == {"to": "[e-mail 1]"}
