"""``python -m shirushi.cli``: the same as the command ``shirushi``."""

import sys

from shirushi.cli import main

sys.exit(main())
