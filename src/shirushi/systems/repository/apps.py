from django.apps import AppConfig


class RepositoryConfig(AppConfig):
    name = "shirushi.systems.repository"
    label = "repository"
