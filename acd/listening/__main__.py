"""`python -m acd.listening`: started by the service, and by nobody else."""

from acd.listening.worker import main

main()
