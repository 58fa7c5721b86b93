"""Addresses of those who make records: drop, drafts, reading, review, publish."""

from django.urls import URLPattern, path

from shirushi.systems.repository import (
    views_counting,
    views_decisions,
    views_drafts,
    views_edit,
    views_methods,
    views_model,
    views_previews,
    views_publish,
    views_retention,
    views_review,
    views_sharing,
)

urlpatterns: list[URLPattern] = [
    path("drop", views_drafts.drop, name="drop"),
    path("retention", views_retention.listing, name="retention"),
    path("methods", views_methods.methods, name="methods"),
    path("drafts", views_drafts.drafts, name="drafts"),
    path("drafts/<str:draft_id>", views_review.review, name="draft-review"),
    path("drafts/<str:draft_id>/reading", views_drafts.reading, name="draft-reading"),
    path("drafts/<str:draft_id>/counting", views_counting.counting, name="draft-counting"),
    path("drafts/<str:draft_id>/read-again", views_drafts.read_again, name="draft-read-again"),
    path("drafts/<str:draft_id>/files", views_drafts.files, name="draft-files"),
    path("drafts/<str:draft_id>/preview/<path:file_path>", views_previews.draft_preview, name="draft-preview"),
    path("drafts/<str:draft_id>/picture/<path:file_path>", views_previews.draft_picture, name="draft-picture"),
    path("drafts/<str:draft_id>/fetches", views_drafts.fetches, name="draft-fetches"),
    path("drafts/<str:draft_id>/discard", views_drafts.discard, name="draft-discard"),
    path("drafts/<str:draft_id>/decide", views_decisions.decide, name="draft-decide"),
    path("drafts/<str:draft_id>/accept-all", views_decisions.accept_all, name="draft-accept-all"),
    path("drafts/<str:draft_id>/undo", views_decisions.undo, name="draft-undo"),
    path("drafts/<str:draft_id>/show/<str:field>", views_decisions.show_held, name="draft-show-held"),
    path("drafts/<str:draft_id>/model", views_model.ask, name="draft-model"),
    path("drafts/<str:draft_id>/model/status", views_model.status, name="draft-model-status"),
    path("drafts/<str:draft_id>/model/take-back", views_model.take_back, name="draft-model-take-back"),
    path("drafts/<str:draft_id>/place/<int:suggestion_id>", views_review.place, name="draft-place"),
    path("drafts/<str:draft_id>/answer", views_decisions.answer, name="draft-answer"),
    path("drafts/<str:draft_id>/questions/<str:question_id>", views_review.question_place, name="draft-question"),
    path("drafts/<str:draft_id>/edit/<str:field>", views_edit.edit, name="draft-edit"),
    path("drafts/<str:draft_id>/identifiers", views_publish.reserve, name="draft-reserve"),
    path("drafts/<str:draft_id>/sharing", views_sharing.sharing, name="draft-sharing"),
    path("drafts/<str:draft_id>/sharing/<str:link_id>", views_sharing.revoke, name="draft-link-revoke"),
    path("drafts/<str:draft_id>/publish", views_publish.publish, name="draft-publish"),
]
