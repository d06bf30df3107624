"""Where a text holds personal data of a known shape: a help for whoever hides it, and no guarantee.

Every finder is linear in the text: each candidate is bounded, and begins only where the one before it ended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

MAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,63}(?![\w-])")
IBAN = re.compile(r"(?<![^\W_])[A-Za-z]{2}\d{2}(?:[ \u00a0-]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")
CARD = re.compile(r"(?<![\w.,])\d(?:[ \u00a0-]?\d){12,18}(?!\w)")
ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)"
    r"|[0-9A-Fa-f:]{2,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?(?![\w:]|\.\d))"
)
UUID = re.compile(r"(?<![\w-])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![\w-])")
"""Names nobody, and holds digits in any order."""
PHONE = re.compile(r"(?<![\w.,/#=-])(?<!\d:)(?:\+|\()?\d(?:[ \u00a0()./-]{0,3}\d){6,16}(?![\w@])")
NO_PHONE = re.compile(
    r"\d{1,3}(?:[ \u00a0.]\d{3})+"  # a number with its thousands apart
    r"|\d{4}[-./]\d{1,2}[-./]\d{1,2}(?: \d.*)?|\d{1,2}[-./]\d{1,2}[-./]\d{2,4}(?: \d.*)?"  # a day
    r"|\d{4} ?[-/] ?\d{4}"  # years
)
PUNCTUATION = re.compile(r"[ \u00a0-]")
"""Between the digits of such numbers."""
CARD_LENGTHS = range(13, 20)
IBAN_LENGTHS = range(15, 35)
DIGITS_OF_A_PHONE = range(7, 16)
BLANK = "\0"
"""Stands in no text that a person sees, and in nothing that is looked for."""


@dataclass(frozen=True, slots=True)
class Finding:
    start: int
    end: int
    kind: str
    value: str
    """The same for every way of writing the same thing."""


def found(text: str) -> list[Finding]:
    """In their order; none overlaps another. What is checked most strictly goes first."""
    taken: list[Finding] = []
    text = UUID.sub(lambda match: BLANK * len(match[0]), text)
    for find in (_mails, _ibans, _addresses, _cards, _phones):
        more = list(find(text))
        text = blanked(text, more)
        taken += more
    return sorted(taken, key=lambda finding: finding.start)


def blanked(text: str, taken: Iterable[Finding]) -> str:
    """As long as before, without what was found there."""
    pieces, at = [], 0
    for finding in sorted(taken, key=lambda finding: finding.start):
        pieces += [text[at : finding.start], BLANK * (finding.end - finding.start)]
        at = finding.end
    return "".join((*pieces, text[at:])) if pieces else text


def is_card(digits: str) -> bool:
    """By Luhn's check digit."""
    if len(digits) not in CARD_LENGTHS or not digits.isascii() or not digits.isdigit() or digits[0] == "0":
        return False
    doubled = (int(d) * (1 + place % 2) for place, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def is_iban(code: str) -> bool:
    """By its two check digits, whatever the country."""
    if len(code) not in IBAN_LENGTHS or not code.isascii() or not code.isalnum():
        return False
    turned = code[4:] + code[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def _mails(text: str) -> Iterator[Finding]:
    for match in MAIL.finditer(text):
        yield Finding(*match.span(), "e-mail", match[0].casefold())


def _ibans(text: str) -> Iterator[Finding]:
    return _checked(text, IBAN, "IBAN", is_iban)


def _cards(text: str) -> Iterator[Finding]:
    return _checked(text, CARD, "card", is_card)


def _checked(text: str, shape: re.Pattern[str], kind: str, right: Callable[[str], bool]) -> Iterator[Finding]:
    """Those whose check digits are right: from each beginning the longest, for a space may end a number."""
    at = 0
    while match := shape.search(text, at):
        end = next((end for end, code in _endings(match[0]) if right(code)), 0)
        if end:
            code = PUNCTUATION.sub("", match[0][:end]).upper()
            yield Finding(match.start(), match.start() + end, kind, code)
        at = match.start() + (end or 1)


def _endings(shown: str) -> Iterator[tuple[int, str]]:
    """Where it may end, and its letters and digits up to there; the longest first."""
    ends = [place.start() for place in PUNCTUATION.finditer(shown)]
    for end in (len(shown), *reversed(ends)):
        code = PUNCTUATION.sub("", shown[:end]).upper()
        if len(code) < min(CARD_LENGTHS):
            return
        yield end, code


def _addresses(text: str) -> Iterator[Finding]:
    for match in ADDRESS.finditer(text):
        shown = match[0].rstrip(":") if not match[0].endswith("::") else match[0]
        try:
            address = ip_address(shown)
        except ValueError:
            continue
        if any(sign.isdigit() for sign in shown):  # a::b is mostly code
            yield Finding(match.start(), match.start() + len(shown), "IP address", str(address))


def _phones(text: str) -> Iterator[Finding]:
    for match in PHONE.finditer(text):
        shown = match[0]
        digits = _digits(shown)
        told = shown[0] in "+(0" or (not shown.isdigit() and re.search(r"\d{3}", shown))
        if len(digits) in DIGITS_OF_A_PHONE and told and not NO_PHONE.fullmatch(shown):
            yield Finding(*match.span(), "phone", digits)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)
