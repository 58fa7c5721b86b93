"""What is proposed for the drafts of these tests, what is sent to their pages, and what is read of them."""

from django.urls import reverse
from lxml import html

from shirushi.describe.evidence import Evidence, LinePlace
from shirushi.describe.evidence import Suggestion as Proposal


def proposal(target, value, confidence=0.95, *, line=1, **more):
    place = LinePlace("README.md", line, line, quote="what stands there")
    evidence = (Evidence("heading", {"text": "x", "level": 1}, place, "markdown/1"),)
    return Proposal(target, value, confidence, evidence, f"{target.split('/')[1]}.test", "1", **more)


TITLE = proposal("/titles/-", {"text": "Sea surface temperature"}, 0.97)
PROPOSALS = [
    TITLE,
    proposal("/titles/-", {"text": "Buoys"}, 0.4, order=1, alternative=True),
    proposal("/creators/-", {"name": "Yamada, Hanako"}, 0.8, line=3),
    proposal("/rights/-", {"id": "CC-BY-4.0"}, 0.5),
]


def page_of(response):
    return html.document_fromstring(response.content.decode())


def decide(client, draft, action="accept", field="titles", at_version=None, **headers):
    suggestion = draft.suggestions.filter(field=field, state="open").first()
    data = {"suggestion": suggestion.pk, "action": action, "at_version": at_version or draft.version}
    return client.post(reverse("draft-decide", args=[draft.pk]), data, headers=headers)


FORM = "multipart/form-data; boundary=here"


def form_of(client, *named, address):
    """Sends files under names exactly as a browser writes them, which the test client would clean."""
    parts = [
        f'--here\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        + content
        + b"\r\n"
        for name, content in named
    ]
    return client.post(address, b"".join(parts) + b"--here--\r\n", content_type=FORM, follow=True)


def notices(response):
    return [text.strip() for text in page_of(response).xpath("//*[starts-with(@class, 'notice')]/p/text()")]
