"""What DataCite's terms are called in JPCOAR 2.1, and the addresses of the COAR concepts behind them.

Sources: JPCOAR schema 2.1 (jpcoar_scm.xsd and the schemas it imports); COAR Resource Types 3.2; COAR Access Rights 1.1.
"""

COAR = "http://purl.org/coar/"

# JPCOAR's label of a resource type → the last part of the COAR concept's address. "departmental bulletin paper" and
# "article" are JPCOAR's own labels for the concept journal article.
COAR_TYPES = {
    "aggregated data": "ACF7-8YT9",
    "archival collection": "YC9F-HGCF",
    "artistic work": "F8RT-TJK0",
    "bachelor thesis": "c_7a1f",
    "book": "c_2f33",
    "book part": "c_3248",
    "cartographic material": "c_12cc",
    "clinical trial data": "c_cb28",
    "collection": "RMP5-3GQ6",
    "compiled data": "FXF3-D3G7",
    "conference output": "c_c94f",
    "conference paper": "c_5794",
    "conference poster": "c_6670",
    "conference presentation": "R60J-J5BD",
    "conference proceedings": "c_f744",
    "data management plan": "c_ab20",
    "data paper": "c_beb9",
    "dataset": "c_ddb1",
    "departmental bulletin paper": "c_6501",
    "doctoral thesis": "c_db06",
    "encoded data": "AM6W-6QAW",
    "experimental data": "63NG-B465",
    "genomic data": "A8F1-NPV9",
    "geospatial data": "2H0M-X761",
    "image": "c_c513",
    "interactive resource": "c_e9a0",
    "journal": "c_0640",
    "journal article": "c_6501",
    "laboratory notebook": "H41Y-FW7B",
    "learning object": "c_e059",
    "lecture": "c_8544",
    "manuscript": "c_0040",
    "map": "c_12cd",
    "master thesis": "c_bdcc",
    "measurement and test data": "DD58-GFSX",
    "moving image": "c_8a7e",
    "musical notation": "c_18cw",
    "observational data": "FF4C-28RK",
    "other": "c_1843",
    "peer review": "H9BQ-739P",
    "physical sample": "S7R1-K5P0",
    "recorded data": "CQMR-7K63",
    "report": "c_93fc",
    "research instrument": "8KJG-QS0Y",
    "research proposal": "c_baaf",
    "research protocol": "YZ1N-ZFT9",
    "research report": "c_18ws",
    "review article": "c_dcae04bc",
    "simulation data": "W2XT-7017",
    "software": "c_5ce6",
    "software paper": "c_7bab",
    "sound": "c_18cc",
    "source code": "QH80-2R4E",
    "still image": "c_ecc8",
    "survey data": "NHD0-W6SY",
    "technical documentation": "c_71bd",
    "technical report": "c_18gh",
    "thesis": "c_46ec",
    "transcription": "6NC7-GK9S",
    "video": "c_12ce",
    "workflow": "c_393c",
    "working paper": "c_8042",
}

# DataCite's general resource type → JPCOAR's label. What has no counterpart is "other".
TYPES = {
    "Audiovisual": "moving image",
    "Book": "book",
    "BookChapter": "book part",
    "Collection": "collection",
    "ComputationalNotebook": "source code",
    "ConferencePaper": "conference paper",
    "ConferenceProceeding": "conference proceedings",
    "DataPaper": "data paper",
    "Dataset": "dataset",
    "Dissertation": "thesis",
    "Image": "image",
    "Instrument": "research instrument",
    "InteractiveResource": "interactive resource",
    "Journal": "journal",
    "JournalArticle": "journal article",
    "OutputManagementPlan": "data management plan",
    "PeerReview": "peer review",
    "PhysicalObject": "physical sample",
    "Poster": "conference poster",
    "Preprint": "manuscript",
    "Presentation": "conference presentation",
    "Report": "report",
    "Software": "software",
    "Sound": "sound",
    "StudyRegistration": "research protocol",
    "Workflow": "workflow",
}

# DataCite's relation → JPCOAR's. Where JPCOAR has no such relation, the nearest one that does not say more.
RELATIONS = {
    "Cites": "cites",
    "Collects": "collects",
    "Compiles": "isSourceOf",
    "Continues": "continues",
    "Describes": "references",
    "Documents": "references",
    "HasMetadata": "references",
    "HasPart": "hasPart",
    "HasTranslation": "hasTranslation",
    "HasVersion": "hasVersion",
    "IsCitedBy": "isCitedBy",
    "IsCollectedBy": "isCollectedBy",
    "IsCompiledBy": "isDerivedFrom",
    "IsContinuedBy": "isContinuedBy",
    "IsDerivedFrom": "isDerivedFrom",
    "IsDescribedBy": "isReferencedBy",
    "IsDocumentedBy": "isReferencedBy",
    "IsIdenticalTo": "isIdenticalTo",
    "IsMetadataFor": "isReferencedBy",
    "IsNewVersionOf": "replaces",
    "IsObsoletedBy": "isReplacedBy",
    "IsOriginalFormOf": "hasFormat",
    "IsPartOf": "isPartOf",
    "IsPreviousVersionOf": "isReplacedBy",
    "IsPublishedIn": "isPartOf",
    "IsReferencedBy": "isReferencedBy",
    "IsRequiredBy": "isRequiredBy",
    "IsReviewedBy": "isReferencedBy",
    "IsSourceOf": "isSourceOf",
    "IsSupplementTo": "isSupplementTo",
    "IsSupplementedBy": "isSupplementedBy",
    "IsTranslationOf": "isTranslationOf",
    "IsVariantFormOf": "isFormatOf",
    "IsVersionOf": "isVersionOf",
    "Obsoletes": "replaces",
    "Other": "references",
    "References": "references",
    "Requires": "requires",
    "Reviews": "references",
}

# DataCite's identifier type → JPCOAR's. The rest is given as a URI where it can be followed, else as Local.
IDENTIFIERS = {
    "ARK": "ARK",
    "arXiv": "arXiv",
    "CSTR": "CSTR",
    "DOI": "DOI",
    "EISSN": "EISSN",
    "Handle": "HDL",
    "ISBN": "ISBN",
    "PMID": "PMID",
    "PURL": "PURL",
    "RRID": "RRID",
}
# Of these JPCOAR wants the address, of the others the bare identifier.
AS_ADDRESS = frozenset({"ARK", "arXiv", "DOI", "HDL", "PURL", "URI"})

SUBJECT_SCHEMES = frozenset(
    {"BSH", "DDC", "e-Rad_field", "JEL", "LCC", "LCSH", "MeSH", "NDC", "NDLC", "NDLSH", "SciVal", "UDC"}
)
DATES = frozenset(
    {
        "Accepted", "Available", "Collected", "Copyrighted", "Coverage", "Created", "Issued", "Submitted", "Updated", "Valid",
    }
)  # fmt: skip
DESCRIPTIONS = frozenset({"Abstract", "Methods", "TableOfContents", "TechnicalInfo", "Other"})
# DataCite's contributor roles that JPCOAR lacks.
ROLES_UNKNOWN = frozenset({"RegistrationAgency", "RegistrationAuthority", "RightsHolder"})

OBJECT_TYPES = {
    "Dataset": "dataset",
    "Software": "software",
    "ComputationalNotebook": "software",
    "JournalArticle": "fulltext",
    "ConferencePaper": "fulltext",
    "DataPaper": "fulltext",
    "Dissertation": "fulltext",
    "Preprint": "fulltext",
    "Report": "fulltext",
    "Text": "fulltext",
    "Book": "fulltext",
    "BookChapter": "fulltext",
}
