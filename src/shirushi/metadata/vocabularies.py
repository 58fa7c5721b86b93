"""Controlled lists that the models use. Values are the DataCite 4.7 terms, spelt as its schema spells them.

Source: DataCite Metadata Schema 4.7 (2026-03-03), kernel-4/include/*.xsd. Japanese labels are our own.
"""

from typing import Literal, get_args

ResourceTypeGeneral = Literal[
    "Audiovisual", "Award", "Book", "BookChapter", "Collection", "ComputationalNotebook", "ConferencePaper",
    "ConferenceProceeding", "DataPaper", "Dataset", "Dissertation", "Event", "Image", "Instrument", "InteractiveResource",
    "Journal", "JournalArticle", "Model", "OutputManagementPlan", "PeerReview", "PhysicalObject", "Poster", "Preprint",
    "Presentation", "Project", "Report", "Service", "Software", "Sound", "Standard", "StudyRegistration", "Text",
    "Workflow", "Other",
]  # fmt: skip

TitleType = Literal["AlternativeTitle", "Subtitle", "TranslatedTitle", "Other"]

NameType = Literal["Personal", "Organizational"]

ContributorRole = Literal[
    "ContactPerson", "DataCollector", "DataCurator", "DataManager", "Distributor", "Editor", "HostingInstitution", "Other",
    "Producer", "ProjectLeader", "ProjectManager", "ProjectMember", "RegistrationAgency", "RegistrationAuthority",
    "RelatedPerson", "ResearchGroup", "RightsHolder", "Researcher", "Sponsor", "Supervisor", "Translator",
    "WorkPackageLeader",
]  # fmt: skip

DateType = Literal[
    "Accepted", "Available", "Collected", "Copyrighted", "Coverage", "Created", "Issued", "Other", "Submitted", "Updated",
    "Valid", "Withdrawn",
]  # fmt: skip

DescriptionType = Literal["Abstract", "Methods", "SeriesInformation", "TableOfContents", "TechnicalInfo", "Other"]

IdentifierScheme = Literal[
    "ARK", "arXiv", "bibcode", "CSTR", "DOI", "EAN13", "EISSN", "Handle", "IGSN", "ISBN", "ISSN", "ISTC", "LISSN", "LSID",
    "PMID", "PURL", "RAiD", "RRID", "SWHID", "UPC", "URL", "URN", "w3id",
]  # fmt: skip

RelationType = Literal[
    "IsCitedBy", "Cites", "IsSupplementTo", "IsSupplementedBy", "IsContinuedBy", "Continues", "IsNewVersionOf",
    "IsPreviousVersionOf", "IsPartOf", "HasPart", "IsPublishedIn", "IsReferencedBy", "References", "IsDocumentedBy",
    "Documents", "IsCompiledBy", "Compiles", "IsVariantFormOf", "IsOriginalFormOf", "IsIdenticalTo", "HasMetadata",
    "IsMetadataFor", "Reviews", "IsReviewedBy", "IsDerivedFrom", "IsSourceOf", "Describes", "IsDescribedBy", "HasVersion",
    "IsVersionOf", "Requires", "IsRequiredBy", "Obsoletes", "IsObsoletedBy", "Collects", "IsCollectedBy", "HasTranslation",
    "IsTranslationOf", "Other",
]  # fmt: skip

AccessRights = Literal["open", "embargoed", "restricted"]

VariableType = Literal["string", "integer", "number", "boolean", "date", "datetime", "time"]


def terms(vocabulary: object) -> tuple[str, ...]:
    """The terms of one of the lists above, in the order of the DataCite schema."""
    return get_args(vocabulary)
