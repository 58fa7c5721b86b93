"""The repository's addresses: records for everyone, drafts for those who make them."""

from django.urls import include, path

from shirushi.systems.repository import urls_drafts, urls_inveniordm, urls_records

urlpatterns = [
    path("api/", include("shirushi.systems.repository.api")),
    path("invenio/api/", include(urls_inveniordm.mounted)),
    path("invenio/<slug:space>/api/", include(urls_inveniordm.mounted)),
    *urls_records.urlpatterns,
    *urls_drafts.urlpatterns,
]
