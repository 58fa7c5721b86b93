"""shirushi (しるし): nobody types what the data already says.

Floors, from the ground up: ``metadata`` (what a record holds), the engines ``describe``, ``exchange``, ``search`` and
``storage`` (plain Python, no Django), the kernel ``accounts``, ``forms`` and ``core`` (Django apps), the ``systems``,
and the faces ``web`` and ``cli``. Imports only go down; ``import-linter`` holds that in the test command.
"""

__version__ = "0.1.0.dev0"
