"""Words of the administration page."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Administration"
SECTION: Final = "Section"
SECTIONS: Final = {
    "accounts": "Accounts",
    "sessions": "Sessions",
    "looks": "Who may look",
    "trail": "Audit trail",
}
STORE: Final = "The site cannot read or write its database now, so nothing was done. Try again in a moment."

# Accounts

NEW: Final = "New account"
NAME: Final = "Name"
NAME_HELP: Final = "Up to 64 letters, digits and . _ @ + -. It stays: conversations belong to it."
ROLE: Final = "Role"
ROLE_OF: Final = "Role of {name}"
MAKE: Final = "Make account"
CANCEL: Final = "Cancel"
GIVEN: Final = "One-time password for **{name}**"
GIVEN_MEANS: Final = (
    "It is shown here only now. Tell it to {name} by a way that nobody else reads: it works for three days, "
    "and has to be changed at the first sign-in."
)
SEEN_IT: Final = "I have passed it on"
FIND: Final = "Find by name"
NONE_FOUND: Final = "No account has that in its name."
MORE_FOUND: Final = "{n} more: type part of a name to find them."
YOU: Final = "you"
STATUSES: Final = {
    "active": ("active", "green"),
    "must_change": ("must change password", "blue"),
    "expired": ("one-time password has run out", "orange"),
    "disabled": ("disabled", "gray"),
}
LOCKED: Final = "locked out until {time}"
SEEN: Final = "Last seen {time}"
NEVER: Final = "Never signed in"
MORE: Final = "More"
GIVE_ANEW: Final = "New one-time password"
DISABLE: Final = "Disable"
ENABLE: Final = "Enable"
UNLOCK: Final = "Unlock"
ONES_OWN: Final = (
    "Your own role and account are for other administrators to change; your password is changed at the foot "
    "of the sidebar."
)
DONE: Final = {
    "role": "{name} is {role} now, in open tabs too.",
    "disable": "{name} is disabled and signed out everywhere.",
    "enable": "{name} can sign in again.",
    "unlock": "{name} can try again.",
    "granted": "{name} may look now.",
    "revoked": "{name} may look no more.",
    "ended": "The session of {name} is ended.",
    "ended_all": "{name} is signed out everywhere.",
}
PROBLEMS: Final = {
    "BadName": "No account can be called that. A name has up to 64 letters, digits and . _ @ + -, no spaces; "
    "it does not begin with web- or end in -test.",
    "Taken": "There is an account of that name already. Choose another one, or give that one a new "
    "one-time password.",
    "NoSuchAccount": "That account is not there any more.",
    "Oneself": "That is your own account. Another administrator can do this.",
    "LastAdmin": "That is the last administrator who can sign in. Make another one first.",
    "Denied": "This was not done: you are not an administrator any more.",
    "StoreError": STORE,
}
"""By the name of the error."""

ROLES_OPEN: Final = (
    "Nobody signs in to this site (AUTH=open): each browser is a person, and everybody on this machine is an "
    "administrator. With AUTH=accounts, oidc or proxy people sign in and have roles."
)
ROLES_OIDC: Final = (
    "People sign in at your identity provider (AUTH=oidc). Their role comes from the groups that it tells of "
    "them, as AUTH_ROLES says, each time they sign in:"
)
ROLES_PROXY: Final = (
    "A proxy before this site signs people in (AUTH=proxy). Their role comes from the groups that it sends "
    "with each request, as AUTH_ROLES says:"
)
GROUP: Final = "Group"
EVERYBODY_ELSE: Final = "everybody else"
NOT_LET_IN: Final = "not let in"
LATELY: Final = "Signed in lately"

# Sessions

SESSIONS_UNKNOWN: Final = {
    "open": "Nobody signs in to this site, so there are no sessions to end.",
    "proxy": "The proxy before this site knows who is signed in; sessions are ended there.",
}
NO_SESSIONS: Final = "Nobody is signed in."
SINCE: Final = "Since {time}"
SINCE_SEEN: Final = "Since {time} · last seen {seen}"
SOME_TIME: Final = "some time ago"
MINE: Final = "this is yours"
END: Final = "End"
END_OF: Final = "End this session of {name}"
END_ALL: Final = "End all of {name}"
NAMELESS: Final = "somebody without a name"

# Who may look

LOOKS_MEAN: Final = (
    "Curators and administrators may look at other people's conversations, for reading alone; each look is "
    "in the audit trail. Here single agents are given the same right."
)
LOOKERS: Final = "Agents who may look"
NO_GRANTS: Final = "No agent may look at other people's conversations."
GRANTED: Final = "given by {by} on {time}"
REVOKE: Final = "Take back"
REVOKE_OF: Final = "Take the right back from {name}"
AGENT: Final = "Agent"
AGENT_HELP: Final = "Agents this site has seen, or an end user's id as Dify knows it."
GRANT: Final = "Let look"
NO_AGENTS: Final = "This site knows no agents yet who could be given it."

# Audit trail

PERSON: Final = "Person"
PERSON_HELP: Final = "Part of a name, or a whole end user's id."
ACTION: Final = "Action"
APP: Final = "App"
ANY: Final = "any"
FROM: Final = "From"
TO: Final = "To"
ABOUT: Final = "About contains"
COLUMNS: Final = ("When", "Who", "What", "App", "About", "Details")
NO_ENTRIES: Final = "Nothing of that kind has been written down."
OLDER: Final = "Older"
NEWEST: Final = "Newest"
EXPORT: Final = "Export as CSV"
NOBODY: Final = "–"
ACTIONS: Final = {
    "account.admitted": "Account made at the command line",
    "account.disabled": "Account disabled",
    "account.enabled": "Account enabled",
    "account.made": "Account made",
    "account.one_time_password": "One-time password given",
    "account.password": "Own password changed",
    "account.role": "Role changed",
    "account.unlocked": "Account unlocked",
    "annotation.bulk": "Annotations changed together",
    "audit.exported": "Audit trail exported",
    "audit.refused": "Audit trail refused",
    "conversation.deleted": "Conversation deleted",
    "conversation.exported": "Conversations exported",
    "import.begun": "Import begun",
    "import.rolled_back": "Import rolled back",
    "look.conversation": "Looked at a conversation",
    "look.granted": "Right to look given",
    "look.list": "Looked at a list of conversations",
    "look.revoked": "Right to look taken back",
    "reply.switched": "Annotation reply switched",
    "session.ended": "Session ended",
    "share.made": "Link shared",
    "share.revoked": "Link taken back",
    "sign_in.locked_out": "Locked out",
    "sign_in.refused": "Sign-in refused",
    "sign_in.succeeded": "Signed in",
    "sign_out": "Signed out",
    "variable.changed": "Variable changed by hand",
}
"""Those without words here are shown as they are written down."""
