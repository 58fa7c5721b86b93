"""Public addresses: records, their files and exports, search, the feed."""

from django.urls import URLPattern, path

from shirushi.systems.repository import (
    views_access,
    views_card,
    views_derived,
    views_linking,
    views_previews,
    views_records,
    views_search,
    views_shared,
    views_versions,
)

urlpatterns: list[URLPattern] = [
    path("search", views_search.search, name="search"),
    path("search/opensearch.xml", views_search.opensearch, name="opensearch"),
    path("feed.atom", views_search.feed, name="feed"),
    path("records/<str:record_id>", views_records.record, name="record"),
    path("records/<str:record_id>/files", views_records.files, name="record-files"),
    path("records/<str:record_id>/files.zip", views_records.archive, name="record-archive"),
    path("records/<str:record_id>/files/<path:file_path>", views_records.file, name="record-file"),
    path("records/<str:record_id>/derived/<path:file_path>", views_derived.derived, name="record-derived"),
    path("records/<str:record_id>/data-card", views_card.card, name="record-card"),
    path("records/<str:record_id>/data-card.md", views_card.markdown, name="record-card-markdown"),
    path("records/<str:record_id>/preview/<path:file_path>", views_previews.record_preview, name="record-preview"),
    path("records/<str:record_id>/picture/<path:file_path>", views_previews.record_picture, name="record-picture"),
    path("records/<str:record_id>/provenance", views_records.provenance, name="record-provenance"),
    path("records/<str:record_id>/linkset", views_linking.linkset, name="record-linkset"),
    path("records/<str:record_id>/citation.txt", views_linking.bibliography, name="record-bibliography"),
    path("records/<str:record_id>/citation", views_records.citation, name="record-citation"),
    path("records/<str:record_id>/changes", views_versions.changes, name="record-changes"),
    path("records/<str:record_id>/new-version", views_versions.new_version, name="record-new-version"),
    path("records/<str:record_id>/withdraw", views_versions.withdraw, name="record-withdraw"),
    path("records/<str:record_id>/access", views_access.access, name="record-access"),
    path("records/<str:record_id>/access/links", views_access.make_link, name="record-link"),
    path("records/<str:record_id>/access/links/<str:link_id>", views_access.revoke_link, name="record-link-revoke"),
    path("records/<str:record_id>/access/requests/<str:request_id>", views_access.answer_request, name="record-answer"),
    path("records/<str:record_id>/access/hold", views_access.hold, name="record-hold"),
    path("records/<str:record_id>/activity", views_access.activity, name="record-activity"),
    path("records/<str:record_id>/ask", views_shared.ask, name="record-ask"),
    path("llms.txt", views_search.llms, name="llms"),
    path("requests/<str:secret>", views_shared.answer, name="access-answer"),
    path("shared/<str:secret>", views_shared.shared, name="shared"),
    path("shared/<str:secret>/files/<path:file_path>", views_shared.shared_file, name="shared-file"),
    path("records/<str:record_id>/export/<str:format_name>", views_records.export, name="record-export"),
]
