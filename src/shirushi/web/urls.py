"""The URL map: what the house itself answers, then each system's own."""

from django.urls import path

from shirushi.systems.repository import urls as repository
from shirushi.web import account, service, sign_in, views
from shirushi.web.protocols import sitemap
from shirushi.web.protocols.mcp.views import mcp
from shirushi.web.protocols.oai.views import oai

urlpatterns = [
    *repository.urlpatterns,  # asked for most, so looked at first
    path("", views.home, name="home"),
    path("language", views.set_language, name="set-language"),
    path("sign-in", sign_in.SignIn.as_view(), name="sign-in"),
    path("sign-out", sign_in.SignOut.as_view(), name="sign-out"),
    path("account", account.account, name="account"),
    path("account/tokens", account.issue_token, name="token-issue"),
    path("account/tokens/<int:token_id>/revoke", account.revoke_token, name="token-revoke"),
    path("mcp", mcp, name="mcp"),
    path("health", service.health, name="health"),
    path("ready", service.ready, name="ready"),
    path("metrics", service.metrics, name="metrics"),
    path("oai", oai, name="oai"),
    path("sitemap.xml", sitemap.sitemap, name="sitemap"),
    path("sitemap/<str:name>-<int:number>.xml", sitemap.part, name="sitemap-part"),
    path("robots.txt", sitemap.robots, name="robots"),
]

handler400 = "shirushi.web.errors.bad_request"
handler403 = "shirushi.web.errors.permission_denied"
handler404 = "shirushi.web.errors.page_not_found"
handler500 = "shirushi.web.errors.server_error"
