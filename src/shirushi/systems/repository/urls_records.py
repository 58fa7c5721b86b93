"""Public addresses: records, their files and exports, search, the feed."""

from django.urls import URLPattern, path

from shirushi.systems.repository import views_records, views_search, views_versions

urlpatterns: list[URLPattern] = [
    path("search", views_search.search, name="search"),
    path("search/opensearch.xml", views_search.opensearch, name="opensearch"),
    path("feed.atom", views_search.feed, name="feed"),
    path("records/<str:record_id>", views_records.record, name="record"),
    path("records/<str:record_id>/files", views_records.files, name="record-files"),
    path("records/<str:record_id>/files.zip", views_records.archive, name="record-archive"),
    path("records/<str:record_id>/files/<path:file_path>", views_records.file, name="record-file"),
    path("records/<str:record_id>/preview/<path:file_path>", views_records.preview, name="record-preview"),
    path("records/<str:record_id>/provenance", views_records.provenance, name="record-provenance"),
    path("records/<str:record_id>/citation", views_records.citation, name="record-citation"),
    path("records/<str:record_id>/changes", views_versions.changes, name="record-changes"),
    path("records/<str:record_id>/new-version", views_versions.new_version, name="record-new-version"),
    path("records/<str:record_id>/withdraw", views_versions.withdraw, name="record-withdraw"),
    path("records/<str:record_id>/export/<str:format_name>", views_records.export, name="record-export"),
]
