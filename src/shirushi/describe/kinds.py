"""The kinds of evidence, each with what its ``value`` holds. A reader yields nothing that is not listed here.

Third parties add kinds with :func:`register_kind`; a kind is a name, so it never changes meaning.
"""

KINDS: dict[str, str] = {
    # what a text says
    "heading": "{text, level}: a heading of a document (Markdown, DOCX, HTML, TeX); level 1 is the top",
    "paragraph": "{text, section}: a paragraph of running text; section is the nearest heading above or ''",
    "list-item": "{text, section}: an item of a bullet or numbered list",
    "table-row": "{cells: [str], header: [str], section}: a row of a table inside a document (e.g. a Markdown codebook)",
    "key-value": "{key, value, section}: 'Key: value' in a text, a front matter entry",
    "link": "{url, text, section}: a hyperlink or bare URL in a text",
    "badge": "{url, image, text}: a badge of a README",
    "reference": "{type, title?, authors: [str], doi?, url?, year?, key}: a bibliographic entry (BibTeX in a README or a .bib)",
    "text-language": "{lang, share, characters}: language of a text, by its characters",
    # machine-readable metadata a folder may already have: the value is in the shape of the field it speaks of
    "stated": (
        "{field, value}: a value of a Work field stated outright by a metadata file (CITATION.cff, codemeta, "
        "datapackage, ro-crate, .zenodo.json, DataCite XML, JATS/TEI header, ...); field is a name of metadata.fields and "
        "value is JSON of one item of that field"
    ),
    # files
    "file": (
        "{path, size, media_type, format, sha256?, modified?, puid?, pronom_format?, pronom_version?}: that a file is there "
        "and what it is"
    ),
    "files-alike": "{pattern, count, size, media_type}: a family of files with like names",
    "git-author": "{name, email?, commits}: from Git history or a .git-authors.txt",
    "git-fact": "{name, value}: of Git's history: the nearest tag that is a version (tag), the newest commit's day (committed), the address of the remote (remote)",
    "licence-text": "{spdx, score, name}: a licence's text matched against the SPDX texts (score 0-1)",
    # tables and arrays
    "table": (
        "{name, sheet?, rows, columns, sampled, counted?, delimiter?, encoding?, packing?, first_row?, quoted?, totals?, header}: a table's shape; "
        "of a sampled one counted tells whether all its rows were counted or their number estimated; packing is gz, bz2 or xz; "
        "first_row is the row of the first values; quoted is false where quotes are plain characters; totals are rows at the end that add "
        "up the others and were left out"
    ),
    "column": (
        "{name, position, type, unit?, label?, description?, minimum?, maximum?, histogram?, missing, count, distinct?, "
        "sampled, examples: [str], sheet?, member?, formatted?, declared?, withheld?}: profile of one column; type is a metadata VariableType; histogram counts "
        "the values in equal parts of the range; member is the file inside an archive; formatted when numbers or dates are not written plainly (1,234 or 2024/1/5); "
        "declared when the file itself gives the type; withheld when its range would tell of a person"
    ),
    "codebook-row": "{variable, description?, unit?, type?, label?, file?, section?}: a row of a data dictionary about a column",
    "array": "{name, shape, dtype, dimensions?, unit?, long_name?, standard_name?, minimum?, maximum?, group}: an array variable",
    "attribute": "{name, value, owner}: an attribute of a structured file; owner is the variable or group, '' for the file",
    # images, documents
    "exif": "{name, value}: one EXIF/XMP/IPTC value",
    "image": "{width, height, mode, format, frames}",
    "document-info": "{name, value}: a PDF or office document property (Title, Author, Keywords, CreationDate, ...)",
    "page-text": "{text, page}: text of a page of a PDF",
    # space and time seen in data
    "coordinates": "{west, south, east, north, points}: extent of coordinates in data (WGS 84 degrees)",
    "time-range": "{start, end, count, column?}: extent of times in data (EDTF dates); column is the name of a table's column",
    # people and secrets
    "sensitive": (
        "{category, count, examples_masked?: [str]}: data about people or places that must not be published by mistake; category "
        "is one of personal-name, e-mail, phone, postal-address, precise-location, patient, national-id, payment-card, credential"
    ),
    "not-looked-at": "{count, names: [str]}: files (in a folder, or in an archive) that were not looked through for data about people",
    # instruments and what they measured
    "instrument": "{name?, manufacturer?, model?, serial_number?, type?}: an instrument that the file says made the data",
    "measurement": (
        "{property, value, unit?}: what an instrument's export says of a measurement; property is analyst, time, method, detection, "
        "wavelength, plate or quantity (then value is the name of what was measured)"
    ),
    # scripts
    "software-used": "{name, version?}: an import, a library() or a lock file entry",
    "script-reads": "{path}: a literal file name that a script opens for reading",
    "script-writes": "{path}: a literal file name that a script writes",
    "plot-label": "{text, axis?, unit?}: the title of a plot, or the label of an axis (x, y, z or colour), as a script writes it",
    # files that no reader knows
    "string": "{text}: a run of readable characters in a file of an unknown format",
    "quote": "{text, source}: words that a language model or another program pointed at",
    # what went wrong
    "problem": "{code, message}: see describe.problems",
}


def register_kind(name: str, value: str) -> None:
    """Add a kind of evidence. Raises ValueError when the name is taken with another meaning."""
    if KINDS.setdefault(name, value) != value:
        raise ValueError(f"evidence kind {name!r} already means: {KINDS[name]}")
