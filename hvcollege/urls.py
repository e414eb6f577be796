"""All addresses of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from projects.first_login import PasswordChange
from projects.views import sso

urlpatterns = [
    path("login/", sso.LogIn.as_view(), name="login"),
    path("logout/", sso.LogOut.as_view(), name="logout"),
    path("sso/oidc/", sso.oidc_begin, name="sso_oidc"),
    path("sso/oidc/back/", sso.oidc_back, name="sso_oidc_back"),
    path("sso/cas/", sso.cas_log_in, name="sso_cas"),
    path("password/", PasswordChange.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("admin/", admin.site.urls),
    path("api/", include(("hvcollege.api", "api"))),
    path("", include("reports.urls")),
    path("", include("projects.urls")),
]

handler400 = "projects.views.errors.bad_request"
