"""The repository's addresses: records for everyone, drafts for those who make them."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("shirushi.systems.repository.api")),
    path("", include("shirushi.systems.repository.urls_records")),
    path("", include("shirushi.systems.repository.urls_drafts")),
]
