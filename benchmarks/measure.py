"""From repeated figures to ratios and verdicts, with the noise they were taken in."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.orders import Outcome

CALIBRATION_ROUNDS = 200_000
"""About 10 ms of plain Python: long enough for the clock, short enough to be taken before each repetition."""
CROWDED_DRIVER = 0.8
"""Share of a processor above which the driver may have been the bottleneck."""
NOISY = 0.25
"""Spread of the calibration above which the machine is called noisy."""


@dataclass(frozen=True)
class Goal:
    """A ratio (or a figure) that a benchmark looks at; the floor is what must hold, the target what is claimed."""

    name: str
    floor: float
    target: float
    at_most: bool = False
    unit: str = ""

    def verdict(self, value: float) -> str:
        if self._met(value, self.target):
            return "target met"
        return "floor met" if self._met(value, self.floor) else "BELOW FLOOR"

    def _met(self, value: float, bound: float) -> bool:
        return value <= bound if self.at_most else value >= bound

    def tell(self, values: Sequence[float]) -> dict[str, Any]:
        """Print the median of the repetitions' values and what it means; the same as data."""
        middle = statistics.median(values)
        sign = "<=" if self.at_most else ">="
        around = f" ({min(values):.2f}..{max(values):.2f})" if len(values) > 1 else ""
        bounds = f"floor {sign} {self.floor:g}, target {sign} {self.target:g}"
        print(f"  {self.name:<46} {middle:>8.2f}{self.unit}{around:<18} {bounds:<32} {self.verdict(middle)}")
        return {
            "goal": self.name,
            "value": middle,
            "values": list(values),
            "floor": self.floor,
            "target": self.target,
            "verdict": self.verdict(middle),
        }


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Repetition by repetition, for the two of one repetition met the same weather."""
    return [a / b if b else float("inf") for a, b in zip(ours, theirs, strict=True)]


def spread(values: Sequence[float]) -> float:
    """(largest - smallest) / median."""
    middle = statistics.median(values)
    return (max(values) - min(values)) / middle if middle else 0.0


@dataclass
class Noise:
    """How steady the machine was: the same small loop timed before each measurement."""

    loops: list[float] = field(default_factory=list)

    def sample(self) -> None:
        started = time.perf_counter()
        total = 0
        for number in range(CALIBRATION_ROUNDS):
            total += number
        self.loops.append(time.perf_counter() - started)

    def tell(self) -> dict[str, float]:
        wide = spread(self.loops)
        remark = "; a noisy machine: trust CPU per step more than rates" if wide > NOISY else ""
        print(f"  noise: calibration loop {statistics.median(self.loops) * 1e3:.1f} ms, spread {wide:.0%} over {len(self.loops)}{remark}")
        return {"calibration_ms": statistics.median(self.loops) * 1e3, "spread": wide}


def tell_trouble(name: str, outcome: Outcome) -> None:
    """Say loudly what went wrong in a run; silent when nothing did."""
    for kind, count in outcome.errors.items():
        print(f"!! {name}: {count} x {kind}")
    for sample in outcome.samples:
        print(f"!!   {sample}")
    if not outcome.steps:
        print(f"!! {name}: not one step ended inside the window")
    if outcome.surplus > outcome.steps * 0.01:
        print(f"!! {name}: {outcome.surplus} messages more than the script counts on (benchmarks/conversation.py, `messages`)")
    if outcome.driver_share > CROWDED_DRIVER:
        print(f"!! {name}: the driver used {outcome.driver_share:.0%} of a processor: it may have been the bottleneck")
