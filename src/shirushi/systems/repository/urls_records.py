"""Public addresses: records, their files and exports, search, the feed."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
