from django.apps import AppConfig


class RepositoryConfig(AppConfig):
    name = "shirushi.systems.repository"
    label = "repository"

    def ready(self) -> None:
        from shirushi.core import tools
        from shirushi.systems.repository.agent_tools import TOOLS, Records

        tools.register(TOOLS, [Records()])
        from shirushi.core import harvesting
        from shirushi.core import crawling, harvesting
        from shirushi.systems.repository.crawl import RecordPages
        from shirushi.systems.repository.harvest import Records

        harvesting.register(Records())
        crawling.register(RecordPages())
