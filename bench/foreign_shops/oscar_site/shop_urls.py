"""Oscar at the root, its pictures under /media/."""

from __future__ import annotations

from django.apps import apps  # type: ignore[import-not-found]
from django.conf import settings  # type: ignore[import-not-found]
from django.urls import include, path, re_path  # type: ignore[import-not-found]
from django.views.static import serve  # type: ignore[import-not-found]

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
