"""Every rule that can be broken, as one tree. Errors carry data; the sentence is made in `handlers`.

LianxiError
├── RuleBroken            the person asked for something the rules refuse
│   ├── NotAllowed        no right to this act at this moment
│   ├── NotFound          no such thing, or none this person may know of
│   ├── NotPossibleNow    the thing is in a state that does not allow the act
│   ├── InvitationUnfit   a link or code that lets nobody in, and why
│   ├── PostHeld          the post has one holder at a time, and has one
│   ├── SecondNeeded      this takes another person than the one who asks
│   ├── AnswerUnfit       what was sent does not answer the question
│   └── TooMuch           a bound was reached (size, number, tries)
└── Misconfigured         the installation itself is wrong
"""

from __future__ import annotations


class LianxiError(Exception):
    """Root of everything this house raises on purpose."""


class RuleBroken(LianxiError):
    """A rule of the conference or of the form refuses the act."""


class NotAllowed(RuleBroken):
    """The actor has no right to the act, now. `action` is a name of the permission table."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class NotFound(RuleBroken):
    """Nothing of this kind that the actor may see. Says the same whether it does not exist or is not theirs."""

    def __init__(self, kind: str, key: object) -> None:
        super().__init__(f"{kind} {key}")
        self.kind = kind
        self.key = key


class NotPossibleNow(RuleBroken):
    """The object's life cycle has no such move from where it stands."""

    def __init__(self, kind: str, key: object, state: str, wanted: str) -> None:
        super().__init__(f"{kind} {key}: {state} -> {wanted}")
        self.kind = kind
        self.key = key
        self.state = state
        self.wanted = wanted


class InvitationUnfit(RuleBroken):
    """This link or code lets nobody in. `why`: unknown, used, refused, revoked, expired, taken (opened on another account),
    other_person (it is for somebody who is known, and this account is another's), bound (it is this account's already), own (issued by
    whoever opens it: it has to be handed on)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class PostHeld(RuleBroken):
    """One person holds this post at a time, and somebody does."""

    def __init__(self, post_id: int | None) -> None:
        super().__init__(f"post {post_id}")
        self.post_id = post_id


class SecondNeeded(RuleBroken):
    """Whoever asked for it, or whom it is about, does not decide it. `action` is a name of the permission table."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class AnswerUnfit(RuleBroken):
    """The answer does not fit the question; `expected` names what would (a key of the texts)."""

    def __init__(self, question: str, expected: str) -> None:
        super().__init__(f"{question}: expected {expected}")
        self.question = question
        self.expected = expected


class TooMuch(RuleBroken):
    """A bound was reached; `bound` names it, `limit` is its figure."""

    def __init__(self, bound: str, limit: int) -> None:
        super().__init__(f"{bound} > {limit}")
        self.bound = bound
        self.limit = limit


class Misconfigured(LianxiError):
    """The installation cannot run like this; each problem says what is allowed."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
