"""mlcroissant and xarray as anybody uses them: every record set of a dataset, and every Zarr store, over HTTP."""

import datetime as dt
import json
import sys

import mlcroissant
import xarray


def plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return value


dataset = mlcroissant.Dataset(jsonld=sys.argv[1])
records = {
    record_set.uuid: [
        {name.rpartition("/")[2]: plain(value) for name, value in record.items()}
        for record in dataset.records(record_set.uuid)
    ]
    for record_set in dataset.metadata.record_sets
}
arrays = {}
for address in sys.argv[2:]:
    opened = xarray.open_zarr(address)
    arrays[address.rpartition("/")[2]] = {
        name: {"dims": list(each.dims), "values": each.values.astype(str).tolist(), "attrs": sorted(each.attrs)}
        for name, each in opened.variables.items()
    }
issues = dataset.metadata.ctx.issues
print(
    json.dumps(
        {
            "records": records,
            "arrays": arrays,
            "errors": sorted(map(str, issues.errors)),
            "warnings": sorted(map(str, issues.warnings)),
        }
    )
)
