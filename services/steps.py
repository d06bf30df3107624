"""How the steps and thoughts of a Turn take news: each is sent several times and replaces itself."""

from __future__ import annotations

from dataclasses import replace

from services.dify.parts import Thought
from services.dify.step import Step

RUNNING_STEPS = frozenset({"running", "retry"})
ROUNDS = frozenset({"iteration", "loop"})


def upserted(thoughts: tuple[Thought, ...], thought: Thought) -> tuple[Thought, ...]:
    """By id, where there is one; in the order of their positions."""
    others = [t for t in thoughts if (t.id or t.position) != (thought.id or thought.position)]
    return tuple(sorted([*others, thought], key=lambda t: t.position))


def stepped(steps: tuple[Step, ...], step: Step) -> tuple[Step, ...]:
    """Steps stay in the order in which they first came."""
    for index, known in enumerate(steps):
        if known.id == step.id and known.kind == step.kind:
            fresh = replace(
                step,
                title=step.title or known.title,
                round=step.round if step.round is not None else known.round,
                retries=max(step.retries, known.retries),
                details=step.details or known.details,
            )
            return (*steps[:index], fresh, *steps[index + 1 :])
    if step.parent and step.round is None:
        # Only its end may name the round; where it starts, that is the newest one of what is around it.
        around = (s.round for s in steps if s.kind in ROUNDS and step.parent in {s.node_id, s.id})
        step = replace(step, round=next(around, None))
    return (*steps, step)
