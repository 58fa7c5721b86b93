"""The repository's addresses: records for everyone, drafts for those who make them."""

from django.urls import include, path

from shirushi.systems.repository import urls_inveniordm

urlpatterns = [
    path("api/", include("shirushi.systems.repository.api")),
    path("invenio/api/", include(urls_inveniordm.mounted)),
    path("invenio/<slug:space>/api/", include(urls_inveniordm.mounted)),
    path("", include("shirushi.systems.repository.urls_records")),
    path("", include("shirushi.systems.repository.urls_drafts")),
]
