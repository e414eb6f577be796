"""All addresses of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from projects.first_login import PasswordChange

urlpatterns = [
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("password/", PasswordChange.as_view(), name="password_change"),
    path("password/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"),
    path("admin/", admin.site.urls),
    path("api/", include(("hvcollege.api", "api"))),
    path("", include("reports.urls")),
    path("", include("projects.urls")),
]

handler400 = "projects.views.errors.bad_request"
