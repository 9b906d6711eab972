"""`python -m servers.container`: what the containers of docker/compose.yml find when they start.

Writes passwords, Asterisk's and Prometheus's configuration and the prompts into the shared run
folder, once per `docker compose up`. The servers themselves are the containers' business.
"""

from __future__ import annotations

import sys

from prompts.build import build
from prompts.texts import PromptError
from servers.asterisk import Asterisk
from servers.prometheus import Prometheus
from servers.settings import load, settled_secrets
from servers.steps import Refusal, Step


def main() -> int:
    """Exit code 0, or 2 with one sentence."""
    try:
        settings = load()
        with Step("Passwords and configuration"):
            secrets = settled_secrets(settings)
            prompts = settings.run_dir / "prompts"
            Asterisk(settings, secrets, root=None, prompts=prompts).configure_for_container()
            Prometheus(settings, root=None).configure()
            # PostgreSQL's own tools want the password alone in a file.
            password = settings.run_dir / "postgres-password"
            password.touch(mode=0o600)
            password.write_text(f"{secrets.postgres_password}\n", encoding="utf-8")
        with Step("Mandarin prompts") as step:
            built = build(prompts)
            step.result(f"{len(built.made)} made, {len(built.kept)} kept")
    except (Refusal, PromptError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
