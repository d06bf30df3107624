"""Signing in by a proxy: every way to be somebody without being the proxy's, and why it fails."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.identities.groups import Groups
from services.identities.proxy import Proxy, ProxySettings
from services.identity import Identity, Refusal, Role, Secret, told_once
from services.settings_error import SettingsError

KEY = "k" * 40
OURS = {"AUTH_PROXY_SECRET": KEY, "AUTH_PROXY_NETWORKS": "10.0.0.0/28, 127.0.0.1, fd00::/64"}
GROUPS = Groups.read("support=agent, it=admin", Role.VIEWER)
SITE = Proxy(Secret(b"s" * 32), ProxySettings.read(OURS), GROUPS, plain=False)
PLAIN = Proxy(Secret(b"s" * 32), ProxySettings.read(OURS), GROUPS, plain=True)

Headers = list[tuple[str, str]]


@dataclass
class Asked:
    """A request as the proxy sends it, and what somebody changes in it."""

    peer: str | None = "10.0.0.5"
    user: Headers = field(default_factory=lambda: [("X-Forwarded-User", "ada")])
    secret: Headers = field(default_factory=lambda: [("X-Proxy-Secret", KEY)])
    more: Headers = field(default_factory=list)

    def by(self, site: Proxy = SITE) -> Identity | None:
        return site.of({}, told_once([*self.user, *self.secret, *self.more]), self.peer)


def user(*values: str, name: str = "X-Forwarded-User") -> Headers:
    return [(name, value) for value in values]


SPOOFS = {
    "from elsewhere": Asked(peer="10.0.0.16"),
    "from an address in X-Forwarded-For": Asked(peer="192.0.2.1", more=[("X-Forwarded-For", "10.0.0.5")]),
    "from an address that is none": Asked(peer="10.0.0.5, 10.0.0.5"),
    "from a name": Asked(peer="localhost"),
    "from nowhere": Asked(peer=None),
    "from another network by IPv6": Asked(peer="fd00:0:0:1::1"),
    "from another address of this machine": Asked(peer="127.0.0.2"),
    "without the secret": Asked(secret=[]),
    "with an empty secret": Asked(secret=[("X-Proxy-Secret", "")]),
    "with another secret": Asked(secret=[("X-Proxy-Secret", KEY[:-1] + "x")]),
    "with the beginning of the secret": Asked(secret=[("X-Proxy-Secret", KEY[:-1])]),
    "with more than the secret": Asked(secret=[("X-Proxy-Secret", KEY + "k")]),
    "with a secret of foreign letters": Asked(secret=[("X-Proxy-Secret", "ü" * 40)]),
    "with the secret and another": Asked(secret=[("X-Proxy-Secret", KEY), ("x-proxy-secret", "x")]),
    "with the secret twice": Asked(secret=[("X-Proxy-Secret", KEY), ("X-Proxy-Secret", KEY)]),
    "with the secret under another name": Asked(secret=[("X_Proxy_Secret", KEY)]),
    "without a subject": Asked(user=[]),
    "with an empty subject": Asked(user=user("")),
    "with a subject of spaces": Asked(user=user(" ")),
    "with two subjects": Asked(user=user("ada", "eve")),
    "with two subjects, differently spelt": Asked(user=[*user("ada"), *user("eve", name="x-forwarded-USER")]),
    "with the same subject twice": Asked(user=user("ada", "ada")),
    "with a subject that is too long": Asked(user=user("a" * 256)),
    "with a control character": Asked(user=user("a\x00da")),
    "with a line end": Asked(user=user("ada\r\nX-Forwarded-Groups: it")),
    "with a tab": Asked(user=user("ada\teve")),
    "with a direction turned round": Asked(user=user("ada\u202e".encode().decode("latin-1"))),
    "with bytes that are no text": Asked(user=user("\xff\xfe")),
    "with letters that no header holds": Asked(user=user("ada\u4e00")),
    "with the subject under another name": Asked(user=user("ada", name="X_Forwarded_User")),
    "with the name alone": Asked(user=user("ada", name="X-Forwarded-Preferred-Username")),
}


@pytest.mark.parametrize("how", SPOOFS)
def test_nobody_is_signed_in(how: str) -> None:
    assert SPOOFS[how].by() is None


@pytest.mark.parametrize("peer", ["10.0.0.5", "::ffff:10.0.0.5", "127.0.0.1", "::1", "fd00::7"])
def test_the_proxys_word_counts(peer: str) -> None:
    found = Asked(peer=peer).by()
    assert found == Asked().by()
    assert found is not None
    assert (found.name, found.role) == ("ada", Role.VIEWER)
    assert found.user.startswith("web-")


def test_names_and_groups() -> None:
    name = "Ada Löve".encode().decode("latin-1")
    more = [("x-forwarded-groups", "staff, support"), ("X-Forwarded-Preferred-Username", name)]
    found = Asked(more=more).by()
    assert found is not None
    assert (found.name, found.role) == ("Ada Löve", Role.AGENT)


@pytest.mark.parametrize("groups", [["it", "support"], ["it", "it"], ["it\x00"], ["\xff,it"]])
def test_groups_that_cannot_be_believed_are_none(groups: list[str]) -> None:
    """Sent twice, or not as text."""
    found = Asked(more=[("X-Forwarded-Groups", value) for value in groups]).by()
    assert found is not None
    assert found.role is Role.VIEWER


@given(st.text())
def test_whatever_is_sent_ends_in_a_user_or_in_nobody(subject: str) -> None:
    for site in (SITE, PLAIN):
        found = Asked(user=user(subject)).by(site)
        assert found is None or 0 < len(found.user) <= 255


def test_the_plain_subject_is_the_user_where_that_is_wanted() -> None:
    found = Asked(user=user("a" * 255)).by(PLAIN)
    assert found is not None
    assert found.user == "a" * 255


def test_other_names_of_headers() -> None:
    names = {
        "AUTH_PROXY_USER_HEADER": "Remote-User",
        "AUTH_PROXY_SECRET_HEADER": "X-Ours",
        "AUTH_PROXY_GROUPS_HEADER": "Remote-Groups",
        "AUTH_PROXY_NAME_HEADER": "Remote-Name",
    }
    site = Proxy(Secret(b"s" * 32), ProxySettings.read(OURS | names), GROUPS, plain=True)
    sent = [("Remote-User", "ada"), ("X-Ours", KEY), ("Remote-Groups", "it"), ("Remote-Name", "Ada")]
    assert site.of({}, told_once(sent), "10.0.0.1") == Identity("ada", Role.ADMIN, "Ada")
    assert Asked().by(site) is None


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"AUTH_PROXY_SECRET": ""}, "needs AUTH_PROXY_SECRET"),
        ({"AUTH_PROXY_SECRET": "k" * 31}, "at least 32"),
        ({"AUTH_PROXY_SECRET": "ü" * 40}, "AUTH_PROXY_SECRET"),
        ({"AUTH_PROXY_NETWORKS": ""}, "needs AUTH_PROXY_NETWORKS"),
        ({"AUTH_PROXY_NETWORKS": "0.0.0.0/0"}, "Every network at once is no list"),
        ({"AUTH_PROXY_NETWORKS": "10.0.0.5, ::/0"}, "Every network at once is no list"),
        ({"AUTH_PROXY_NETWORKS": "10.0.0.5/24"}, "has host bits set"),
        ({"AUTH_PROXY_NETWORKS": "proxy.example"}, "AUTH_PROXY_NETWORKS cannot be read"),
        ({"AUTH_PROXY_USER_HEADER": "Remote User"}, "AUTH_PROXY_USER_HEADER is no name of a header"),
        ({"AUTH_PROXY_USER_HEADER": "x-proxy-secret"}, "name the same header"),
    ],
)
def test_a_wrong_setting_is_said_without_the_secret(environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as error:
        ProxySettings.read(OURS | environ)
    assert KEY not in str(error.value)
    assert KEY not in repr(ProxySettings.read(OURS))


def test_whom_the_proxy_sends_and_the_site_keeps_out() -> None:
    site = Proxy(Secret(b"s" * 32), ProxySettings.read(OURS), Groups.read("it=admin", None), plain=False)
    name = ("X-Forwarded-Preferred-Username", "Ada")
    asked = Asked(more=[name])
    told = told_once([*asked.user, *asked.secret, *asked.more])
    assert asked.by(site) is None
    assert site.refusal({}, told) == Refusal("no_group", "Ada")
    assert site.refusal({}, {**told, "x-proxy-secret": "x"}) is None
    assert site.refusal({}, {**told, "x-forwarded-user": ""}) == Refusal("unaccepted")
    known = Asked(more=[name, ("X-Forwarded-Groups", "it")])
    assert known.by(site)
    assert site.refusal({}, told | {"x-forwarded-groups": "it"}) is None
