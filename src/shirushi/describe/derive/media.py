"""What derived files are made from, by media type; without loading what makes them."""

TABLES = frozenset(
    {
        "text/csv",
        "text/tab-separated-values",
        "application/gzip",
        "application/x-bzip2",
        "application/x-xz",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.ms-excel.sheet.macroEnabled.12",
        "application/vnd.ms-excel",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/jsonl",
        "application/x-stata-dta",
        "application/x-spss-sav",
        "application/x-spss-por",
        "application/x-sas-data",
        "application/x-sas-xport",
    }
)
ARRAYS = frozenset(
    {"application/x-netcdf4", "application/x-hdf5", "application/x-netcdf", "application/x-npy", "application/x-npz"}
)


def is_derivable(media_type: str) -> bool:
    return media_type in TABLES or media_type in ARRAYS
