"""``python -m limner`` is ``limner``."""

import sys

from limner.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
