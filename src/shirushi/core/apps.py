from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    name = "shirushi.core"
    label = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from shirushi.core.collation import compare_by_code_point

        post_migrate.connect(compare_by_code_point, sender=self)
