from django.apps import AppConfig


class RepositoryConfig(AppConfig):
    name = "shirushi.systems.repository"
    label = "repository"

    def ready(self) -> None:
        """What the protocols of the house give out of this system."""
        from shirushi.core import crawling, harvesting, tools
        from shirushi.systems.repository import agent_tools
        from shirushi.systems.repository.crawl import RecordPages
        from shirushi.systems.repository.harvest import Records

        tools.register(agent_tools.TOOLS, [agent_tools.Records()])
        harvesting.register(Records())
        crawling.register(RecordPages())
