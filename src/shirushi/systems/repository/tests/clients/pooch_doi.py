"""The public ``pooch``, fetching by DOI. Only the resolver of DOIs, which no test can reach, is stood in for."""

import json
import sys
from pathlib import Path

import pooch
from pooch import downloaders

page, doi, folder, wanted = sys.argv[1:5]
downloaders.doi_to_url = lambda _doi, **_options: page
collection = pooch.create(path=folder, base_url=f"doi:{doi}/")
collection.load_registry_from_doi()
fetched = Path(collection.fetch(wanted)).read_text()
alone = pooch.retrieve(f"doi:{doi}/{wanted}", known_hash=None, path=f"{folder}/alone", progressbar=False)
print(json.dumps({"names": sorted(collection.registry), "fetched": fetched, "alone": Path(alone).read_text()}))
