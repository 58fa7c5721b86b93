"""Names and addresses of the licences that research outputs mostly carry, by SPDX identifier.

Facts from the SPDX License List and creativecommons.org; any other SPDX identifier gets its page at spdx.org.
"""

from dataclasses import dataclass

SPDX = "https://spdx.org/licenses/"
_CC = "https://creativecommons.org/"

_CC_TERMS = {
    "CC-BY": "Attribution",
    "CC-BY-SA": "Attribution Share Alike",
    "CC-BY-ND": "Attribution No Derivatives",
    "CC-BY-NC": "Attribution Non Commercial",
    "CC-BY-NC-SA": "Attribution Non Commercial Share Alike",
    "CC-BY-NC-ND": "Attribution Non Commercial No Derivatives",
}
_CC_VERSIONS = {"4.0": "International", "3.0": "Unported", "2.5": "Generic", "2.0": "Generic", "1.0": "Generic"}


@dataclass(frozen=True, slots=True)
class Licence:
    name: str
    url: str


def _creative_commons() -> dict[str, Licence]:
    return {
        f"{code}-{version}": Licence(
            f"Creative Commons {terms} {version} {scope}", f"{_CC}licenses/{code[3:].lower()}/{version}/"
        )
        for code, terms in _CC_TERMS.items()
        for version, scope in _CC_VERSIONS.items()
    }


LICENCES: dict[str, Licence] = _creative_commons() | {
    "CC0-1.0": Licence("Creative Commons Zero v1.0 Universal", f"{_CC}publicdomain/zero/1.0/"),
    "CC-BY-2.1-JP": Licence("Creative Commons Attribution 2.1 Japan", f"{_CC}licenses/by/2.1/jp/"),
    "CC-PDDC": Licence("Creative Commons Public Domain Dedication and Certification", f"{_CC}licenses/publicdomain/"),
    "MIT": Licence("MIT License", "https://opensource.org/license/mit"),
    "Apache-2.0": Licence("Apache License 2.0", "https://www.apache.org/licenses/LICENSE-2.0"),
    "BSD-2-Clause": Licence('BSD 2-Clause "Simplified" License', "https://opensource.org/license/bsd-2-clause"),
    "BSD-3-Clause": Licence('BSD 3-Clause "New" or "Revised" License', "https://opensource.org/license/bsd-3-clause"),
    "GPL-2.0-only": Licence("GNU General Public License v2.0 only", f"{SPDX}GPL-2.0-only.html"),
    "GPL-2.0-or-later": Licence("GNU General Public License v2.0 or later", f"{SPDX}GPL-2.0-or-later.html"),
    "GPL-3.0-only": Licence("GNU General Public License v3.0 only", f"{SPDX}GPL-3.0-only.html"),
    "GPL-3.0-or-later": Licence("GNU General Public License v3.0 or later", f"{SPDX}GPL-3.0-or-later.html"),
    "LGPL-3.0-or-later": Licence("GNU Lesser General Public License v3.0 or later", f"{SPDX}LGPL-3.0-or-later.html"),
    "AGPL-3.0-or-later": Licence("GNU Affero General Public License v3.0 or later", f"{SPDX}AGPL-3.0-or-later.html"),
    "MPL-2.0": Licence("Mozilla Public License 2.0", "https://www.mozilla.org/MPL/2.0/"),
    "EUPL-1.2": Licence("European Union Public License 1.2", f"{SPDX}EUPL-1.2.html"),
    "ODbL-1.0": Licence(
        "Open Data Commons Open Database License v1.0", "https://opendatacommons.org/licenses/odbl/1-0/"
    ),
    "ODC-By-1.0": Licence("Open Data Commons Attribution License v1.0", "https://opendatacommons.org/licenses/by/1-0/"),
    "PDDL-1.0": Licence(
        "Open Data Commons Public Domain Dedication & License 1.0", "https://opendatacommons.org/licenses/pddl/1-0/"
    ),
}


def licence(identifier: str) -> Licence:
    """Name and address of an SPDX licence; the identifier itself and its page at spdx.org when it is not in the table."""
    return LICENCES.get(identifier) or Licence(identifier, f"{SPDX}{identifier}.html")
