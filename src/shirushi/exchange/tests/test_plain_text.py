"""Words without the HTML that other repositories write them in."""

import pytest

from shirushi.exchange.imported import built
from shirushi.exchange.plain_text import without_emphasis, without_html


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Growth of <i>E. coli</i> on CO<sub>2</sub>", "Growth of E. coli on CO2"),
        ('<b><i class="x">Both</i></b> at once', "Both at once"),
        ("p <b and c> d", "p <b and c> d"),
        ("if a <i> b", "if a <i> b"),
        ("The <div> element", "The <div> element"),
        ("A & B", "A & B"),
        ("<i></i>", "<i></i>"),
    ],
)
def test_titles_are_set_plainly(title, words):
    assert without_emphasis(title) == words
    assert built({"titles": [{"text": title}]})[0].titles[0].text == words


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>One.</p><p>Two &amp; three.</p>", "One.\nTwo & three."),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("no elements, and &amp; as it is ", "no elements, and &amp; as it is"),
        ("p < 0.05<br>q", "p < 0.05\nq"),
    ],
)
def test_longer_texts(html, words):
    assert without_html(html) == words
