"""The attacks: what they have in common, and the table of all of them."""
import collections
import functools
import threading
import time
from dataclasses import dataclass
from typing import Callable

KEYLESS, KEYED, UPSTREAM = "without a key", "with a key", "through a hostile provider"
ALL = []


@dataclass(frozen=True)
class Attack:
    """One kind of harm, done again and again until the time is over."""

    name: str
    who: str
    act: Callable
    pause: float
    weight: int


def attack(who, pause=0.5, weight=1):
    """Marks a function as an attack: its name is that of the attack, its result a status, several, or None.

    pause: seconds between two rounds; weight: its share of the callers
    """
    def mark(act):
        ALL.append(Attack(act.__name__.replace("_", "-"), who, act, pause, weight))
        return act
    return mark


def body(make):
    """A body that is made once, because making it is dearer than sending it."""
    return functools.lru_cache(maxsize=None)(make)


class Breach(Exception):
    """The gateway let something happen that it must not, whatever else it did."""


class Tally:
    """The rounds of each attack: how many, what came back, and what must not have happened. Thread-safe."""

    def __init__(self):
        self.lock = threading.Lock()
        self.statuses = collections.defaultdict(collections.Counter)
        self.breaches = collections.Counter()

    def count(self, attack, result):
        results = result if isinstance(result, (list, tuple)) else [result]
        with self.lock:
            self.statuses[attack.name].update(results)

    def breach(self, attack, text):
        with self.lock:
            self.breaches[f"{attack.name}: {text}"] += 1

    def plain(self):
        return {name: dict(counts) for name, counts in self.statuses.items()}, dict(self.breaches)


def run(attacks, callers, target, seconds, tally):
    """Has so many callers attack at once until the time is over; each keeps to one attack."""
    until = time.monotonic() + seconds
    turns = [attack for attack in attacks for _ in range(attack.weight)]
    threads = [threading.Thread(target=repeat, args=(turns[i % len(turns)], i, target, until, tally), daemon=True)
               for i in range(max(callers, len(turns)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until + 5 - time.monotonic()))


def repeat(attack, number, target, until, tally):
    rounds = 0
    time.sleep(number % 10 * 0.1)
    while time.monotonic() < until:
        try:
            tally.count(attack, attack.act(target, f"{number}-{rounds}"))
        except Breach as breach:
            tally.breach(attack, str(breach))
        except OSError as e:
            tally.count(attack, type(e).__name__)
        rounds += 1
        time.sleep(attack.pause)
