from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "shirushi.web"
    label = "web"
