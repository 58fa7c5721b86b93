"""Write one solver input per case of cases.yaml."""

import yaml

with open("cases.yaml") as stream:
    for case in yaml.safe_load(stream)["cases"]:
        with open(f"{case['name']}.inp", "w") as out:
            out.write("\n".join(f"{key} = {value}" for key, value in case.items()))
