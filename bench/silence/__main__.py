"""`make bench-silence`: does the ear tell who responds from who does not?

Callers that nobody has heard before, drawn from the half of the generator's space that the ear was
not tuned on, with a fresh seed each time (``--seed`` makes it the same again).  Exit code 1 when a
caller without a response passes for one (missed no-response, 0 allowed), when more than 5 % of
those who respond are taken for silent, or when it costs too much.
"""

import argparse
import sys
import time
from collections import Counter
from random import Random, SystemRandom

from acd.core.events import Heard
from acd.listening.ear import HOP_SAMPLES
from acd.listening.frames import RATE_HZ
from acd.listening.model import new_ear
from bench.silence.callers import RESPONSES, Caller, Kind, caller
from bench.silence.train import train
from bench.silence.voices import record

SHARES = {Kind.SPEECH: 6, Kind.WHISPER: 4, Kind.TELEVISION: 3, Kind.BREATHING: 2, Kind.MOANING: 2}
"""How many of twenty-three; one of each other kind."""
FALSE_FLAGS_MAX = 0.05
CPU_MS_MAX = 2.0


def main() -> int:
    """Judge, print the matrix; exit code 1 when a limit is broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.silence", description=__doc__)
    parser.add_argument("--callers", type=int)
    parser.add_argument("--speakers", type=int, default=32)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--train", action="store_true", help="make acd/listening/model.json")
    given = parser.parse_args()
    if given.train:
        train(1 if given.seed is None else given.seed, given.callers or 12600)
        return 0
    seed = SystemRandom().randrange(1 << 31) if given.seed is None else given.seed
    return judge(seed, given.callers or 480, given.speakers)


def judge(seed: int, callers: int, speakers: int) -> int:
    """Have so many callers judged."""
    rng = Random(seed)
    voices = record(rng, "judged", speakers=speakers)
    kinds = [kind for kind in Kind for _ in range(SHARES.get(kind, 1))]
    matrix: Counter[tuple[Kind, Heard]] = Counter()
    wrong: list[str] = []
    cpu_s = audio_s = 0.0
    for number in range(callers):
        one = caller(rng, kinds[number % len(kinds)], voices)
        begun = time.process_time()
        heard = _most_alive(one)
        cpu_s += time.process_time() - begun
        audio_s += len(one.near) / RATE_HZ
        matrix[one.kind, heard] += 1
        if (heard is Heard.SPEECH) != (one.kind in RESPONSES):
            wrong.append(f"{one.kind} ({', '.join(one.marks) or 'plain'})")
    return _report(seed, matrix, wrong, 1000 * cpu_s / audio_s)


def _most_alive(one: Caller) -> Heard:
    """The label of a call: speech when there was any, else sound when there was any."""
    ear = new_ear()
    labels = set()
    for first in range(0, len(one.near) - HOP_SAMPLES + 1, HOP_SAMPLES):
        part = slice(first, first + HOP_SAMPLES)
        labels.add(ear.hear(one.near[part], one.sent[part]))
    return next(label for label in (Heard.SPEECH, Heard.SOUND, Heard.SILENCE) if label in labels)


def _report(seed: int, matrix: Counter[tuple[Kind, Heard]], wrong: list[str], cpu_ms: float) -> int:
    labels = (Heard.SPEECH, Heard.SOUND, Heard.SILENCE)
    print(f"{sum(matrix.values())} callers of the half that was not tuned on, seed {seed}\n")
    print(f"{'':16}" + "".join(f"{label:>9}" for label in labels) + "   is a response")
    for kind in Kind:
        row = [matrix[kind, label] for label in labels]
        if any(row):
            yes = "yes" if kind in RESPONSES else "no"
            print(f"{kind:16}" + "".join(f"{count:9}" for count in row) + f"   {yes}")
    responses = sum(count for (kind, _), count in matrix.items() if kind in RESPONSES)
    flagged = sum(
        count for (kind, label), count in matrix.items()
        if kind in RESPONSES and label is not Heard.SPEECH
    )  # fmt: skip
    missed = sum(matrix[kind, Heard.SPEECH] for kind in Kind if kind not in RESPONSES)
    share = flagged / max(responses, 1)
    print(f"\nmissed no-response  {missed}  (limit 0)")
    print(
        f"false flags         {flagged} of {responses}, {share:.1%}  (limit {FALSE_FLAGS_MAX:.0%})"
    )
    print(f"CPU                 {cpu_ms:.2f} ms per second of audio  (limit {CPU_MS_MAX:.0f})")
    if wrong:
        print("judged wrongly:     " + "; ".join(wrong))
    return int(missed > 0 or share > FALSE_FLAGS_MAX or cpu_ms >= CPU_MS_MAX)


if __name__ == "__main__":
    sys.exit(main())
