"""What the REST of use answers with. The keys of reports are those of SUSHI, with hyphens."""

from ninja import Field, Schema


class StatsOut(Schema):
    """As in InvenioRDM's records."""

    views: int = Field(description="total investigations: pages, exports, previews and downloads")
    unique_views: int = Field(description="by users and hours")
    downloads: int = Field(description="total requests: files and archives")
    unique_downloads: int
    data_volume: int = Field(description="bytes of the files that were asked for")


class BothStatsOut(Schema):
    this_version: StatsOut
    all_versions: StatsOut


class MonthOut(Schema):
    month: str = Field(description="like 2026-11")
    numbers: dict[str, int] = Field(description="metric.method, like total-requests.regular")


class MonthsOut(Schema):
    this_version: list[MonthOut]
    all_versions: list[MonthOut]


class UsageOut(Schema):
    record: str
    concept: str
    time_zone: str = Field(description="in which days and months begin")
    stats: BothStatsOut
    months: MonthsOut


class Hyphened(Schema):
    model_config = {"populate_by_name": True}


class PeriodOut(Hyphened):
    begin_date: str = Field(alias="begin-date")
    end_date: str = Field(alias="end-date")


class NamedOut(Schema):
    name: str
    value: str


class TypedOut(Schema):
    type: str
    value: str


class ExceptionOut(Hyphened):
    code: int
    severity: str
    message: str
    help_url: str = Field(alias="help-url")
    data: str


class HeaderOut(Hyphened):
    report_name: str = Field(alias="report-name")
    report_id: str = Field(alias="report-id")
    release: str
    created: str
    created_by: str = Field(alias="created-by")
    reporting_period: PeriodOut = Field(alias="reporting-period")
    report_filters: list[NamedOut] = Field(alias="report-filters")
    report_attributes: list[NamedOut] = Field(alias="report-attributes")
    exceptions: list[ExceptionOut]


class InstanceOut(Hyphened):
    access_method: str = Field(alias="access-method", description="regular or machine")
    metric_type: str = Field(alias="metric-type")
    count: int


class PerformanceOut(Schema):
    period: PeriodOut
    instance: list[InstanceOut]


class DatasetOut(Hyphened):
    dataset_title: str = Field(alias="dataset-title")
    dataset_id: list[TypedOut] = Field(alias="dataset-id")
    dataset_contributors: list[TypedOut] = Field(alias="dataset-contributors")
    dataset_dates: list[TypedOut] = Field(alias="dataset-dates")
    platform: str
    publisher: str
    publisher_id: list[TypedOut] = Field(alias="publisher-id")
    data_type: str = Field(alias="data-type")
    uri: str
    yop: str = Field(description="year of publication")
    performance: list[PerformanceOut]


class ReportOut(Hyphened):
    id: str
    report_header: HeaderOut = Field(alias="report-header")
    report_datasets: list[DatasetOut] = Field(alias="report-datasets")
    total: int
    next: str | None


class ReportLine(Hyphened):
    id: str = Field(description="the month")
    report_header: HeaderOut = Field(alias="report-header")


class ReportsOut(Hyphened):
    reports: list[ReportLine]
