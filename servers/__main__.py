"""`python -m servers …`: what the Makefile calls."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from servers import backup, namespaces, tiers
from servers.root import ensure_root
from servers.run import ALL, prove, run, run_tool
from servers.settings import load
from servers.steps import Failure, Refusal, say
from servers.workers import usual_workers


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: the command's own, 1 when a server failed, 2 when we refuse."""
    options = _parser().parse_args(arguments)
    if options.with_parent:
        namespaces.die_with_parent()
    try:
        return _command(options)
    except Refusal as refusal:
        say(str(refusal), out=sys.stderr)
        return 2
    except Failure as failure:
        say(str(failure), out=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _command(options: argparse.Namespace) -> int:
    match options.command:
        case "run":
            only = options.only.split(",") if options.only else ALL
            return run(only, once=options.once, proof=not options.no_proof)
        case "test":
            if options.check and tiers.check() != 0:
                return 1
            workers = usual_workers() if options.workers is None else options.workers
            chosen = tiers.ALL_TIERS if options.all else options.tier or ()
            return tiers.test(chosen, options.arguments, workers=workers)
        case "check":
            return tiers.check()
        case "bench":
            return tiers.bench(options.name, options.arguments)
        case "load":
            return tiers.load_target(options.arguments)
        case "drill":
            return tiers.drill(options.name, options.arguments)
        case "backup":
            return backup.backup(options.arguments)
        case "restore":
            return backup.restore()
        case "prove":
            prove(options.arguments)
        case "root":
            say(str(ensure_root(load())))
            return 0
        case "tool":
            run_tool(options.name, options.arguments)
    raise AssertionError(options.command)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m servers", description=__doc__)
    parser.add_argument(
        "--with-parent", action="store_true", help="stop when the calling process ends (make)"
    )
    commands = parser.add_subparsers(dest="command", required=True)

    command = commands.add_parser("run", help="start everything, prove it, serve until Ctrl-C")
    command.add_argument("--only", metavar="NAMES", help=f"some of {','.join(ALL)}")
    command.add_argument("--once", action="store_true", help="stop after the proof")
    command.add_argument("--no-proof", action="store_true", help="do not place the proof's call")

    command = commands.add_parser("test", help="run tests in a private world")
    command.add_argument("--tier", action="append", choices=tiers.TIERS)
    command.add_argument(
        "--all", action="store_true", help=f"the tiers {', '.join(tiers.ALL_TIERS)}"
    )
    command.add_argument("--check", action="store_true", help="`check` first")
    command.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="tests side by side (default: the cores and two, at most four)",
    )
    command.add_argument("arguments", nargs="*", help="for pytest, after --")

    commands.add_parser("check", help="style, types, import rules")

    command = commands.add_parser("bench", help="run bench/NAME.py in a private world")
    command.add_argument("name")
    command.add_argument("arguments", nargs="*", help="for the bench, after --")

    command = commands.add_parser("load", help="load a switch that is named (bench/README.md)")
    command.add_argument("arguments", nargs="*", help="for the load, after --")

    command = commands.add_parser("drill", help="play an emergency with robots (acd/drill)")
    command.add_argument("name", choices=["ab", "alone", "silent"])
    command.add_argument("arguments", nargs="*", help="for the drill, after --")

    command = commands.add_parser("backup", help="back the running house up, hot and cold")
    command.add_argument("arguments", nargs="*", help="for pgBackRest, after --: --type=full")

    commands.add_parser("restore", help="bring the hot backup into an empty run folder")

    command = commands.add_parser("prove", help="place one call against the running switch")
    command.add_argument("arguments", nargs="*", help="for `acd prove`, after --")

    commands.add_parser("root", help="make the private Debian root and print its path")

    command = commands.add_parser("tool", help="run a program of the private root")
    command.add_argument("name")
    command.add_argument("arguments", nargs=argparse.REMAINDER)
    return parser


if __name__ == "__main__":
    sys.exit(main())
